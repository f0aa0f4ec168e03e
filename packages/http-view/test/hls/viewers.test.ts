import { deny, type Plugin } from '@rtmpipe/session'
import { send } from '@rtmpipe/testing'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { hls } from '../../src/index.ts'
import { Folders } from '../../src/hls/serve/folders.ts'
import type { Program } from '../../src/hls/serve/program.ts'
import { stream } from '../support/cut.ts'
import { namesIn, watch } from '../support/hls-viewer.ts'
import { rawSocket } from '../support/raw-answer.ts'
import { served, type Served } from '../support/served.ts'

const whole = stream({ seconds: 11 })

afterEach(() => void vi.useRealTimers())

/** Publishes five seconds, the pictures of which are so large; a viewer asks after the first of them. */
async function live(server: Served, options: { name?: string; bytes?: number; path?: string } = {}) {
  const { name = 'live/stream', bytes = 0 } = options
  const { path = `/${name}` } = options
  const publisher = await server.test.publish(name)
  const padding = Buffer.alloc(bytes)
  const all = whole.map(message =>
    message.messageTypeId === 9 && message.payload[1] === 1
      ? { ...message, payload: Buffer.concat([message.payload, padding]) }
      : message,
  )
  await send(
    publisher,
    all.filter(({ timestamp }) => timestamp < 1_000),
  )
  const { connections } = server.test.server
  const before = connections.size
  const watching = watch(server, path)
  await vi.waitFor(() => expect(connections.size).toBeGreaterThan(before))
  await send(
    publisher,
    all.filter(({ timestamp }) => timestamp >= 1_000 && timestamp < 5_000),
  )
  return { publisher, viewer: await watching, rest: all.filter(({ timestamp }) => timestamp >= 5_000) }
}

const hintIn = (text: string): string => /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1] ?? ''

describe('a viewer of HLS that stops reading', () => {
  it('is cut off after half a minute, and others lose nothing', async () => {
    const server = await served(hls())
    const { viewer, publisher, rest } = await live(server, { bytes: 500_000 })
    const text = await (await viewer.playlist()).text()
    const name = text.split('\n').find(line => line.startsWith('main-') && line.endsWith('.m4s')) ?? ''
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const socket = await rawSocket(server.port)
    const requests = `GET /live/stream/${name} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20)
    socket.pause()
    socket.write(requests)
    // Those of the same moment are answered: by then, the first of these is.
    const file = await viewer.file(name)
    const size = (await file.arrayBuffer()).byteLength
    expect(size).toBeGreaterThan(20_000_000)
    vi.advanceTimersByTime(29_000)
    expect((await viewer.playlist()).status).toBe(200)
    vi.advanceTimersByTime(1_001)
    let got = 0
    socket.on('data', (chunk: Buffer) => void (got += chunk.length))
    socket.resume()
    await Promise.race([once(socket, 'close'), once(socket, 'end')])
    // What was in the buffers of the system.
    expect(got).toBeLessThan(size)
    vi.useRealTimers()
    const next = viewer.file(hintIn(text))
    await send(publisher, rest)
    expect((await next).status).toBe(200)
  })

  it('is left alone if it has read in time', async () => {
    const server = await served(hls())
    const { viewer } = await live(server, { bytes: 100_000 })
    const text = await (await viewer.playlist()).text()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const socket = await rawSocket(server.port)
    const name = text.split('\n').find(line => line.startsWith('main-') && line.endsWith('.m4s')) ?? ''
    for (let time = 0; time < 2; time += 1) {
      socket.write(`GET /live/stream/${name} HTTP/1.1\r\nHost: x\r\n\r\n`)
      let got = 0
      while (got < 5_000_000) got += ((await once(socket, 'data')) as [Buffer])[0].length
      await new Promise(resolve => setImmediate(resolve))
      vi.advanceTimersByTime(40_000)
    }
    expect(socket.destroyed).toBe(false)
  })
})

describe('requests that wait', () => {
  it('are answered after three target durations, if what they ask for does not come', async () => {
    const server = await served(hls({ segmentDuration: 1_000 }))
    const { viewer } = await live(server)
    const asked = performance.now()
    const answers = [viewer.playlist('&_HLS_msn=3'), viewer.file(hintIn(await (await viewer.playlist()).text()))]
    const statuses = await Promise.all(answers.map(async answer => (await answer).status))
    expect(statuses).toEqual([503, 503])
    expect(performance.now() - asked).toBeGreaterThan(5_900)
  }, 15_000)

  it('are limited for a viewer, and for those without a token by the viewers of their address', async () => {
    const server = await served(hls())
    const { viewer, publisher, rest } = await live(server)
    const hint = hintIn(await (await viewer.playlist()).text())
    const all = [
      ...Array.from({ length: 20 }, () => viewer.playlist('&_HLS_msn=2')),
      ...Array.from({ length: 12 }, () => viewer.file(hint)),
    ]
    await vi.waitFor(async () => expect((await viewer.playlist('&_HLS_msn=2')).status).toBe(429))
    await vi.waitFor(async () => expect((await viewer.file(hint)).status).toBe(429))
    await send(publisher, rest)
    const statuses = await Promise.all(all.map(async answer => (await answer).status))
    const count = (from: number, to: number) => statuses.slice(from, to).filter(status => status === 429).length
    expect([count(0, 20), count(20, 32)]).toEqual([4, 4])
    // Places come back.
    expect((await viewer.file(hint)).status).toBe(200)
  })
})

describe('names of folders', () => {
  it.each([
    ['live/a b', '/live/a%20b'],
    ['live/größe', '/live/gr%C3%B6%C3%9Fe'],
    ['live/100%', '/live/100%25'],
    ['live/a"b<c>&d', '/live/a%22b%3Cc%3E&d'],
    ['live/%2F', '/live/%252F'],
    ['live/日本', '/live/%E6%97%A5%E6%9C%AC'],
  ])('%s is watched', async (name, path) => {
    const server = await served(hls())
    const { viewer } = await live(server, { name, path })
    const response = await viewer.playlist()
    expect(response.status).toBe(200)
    const [file = ''] = namesIn(await response.text())
    expect((await viewer.file(file)).status).toBe(200)
  })

  it('are one, however their letters are written', async () => {
    const server = await served(hls())
    const { viewer } = await live(server)
    expect((await server.get(`/live/%73tream/main.m3u8?viewer=${viewer.token}`)).status).toBe(200)
  })

  it('are forgotten when nobody has used them for long', () => {
    const program = {} as Program
    const folders = new Folders(1_000)
    for (let count = 0; count < 100; count += 1) folders.add(`/live/${count}`, program, count)
    expect(folders.use('/live/7', program, 900)).toBe(true)
    expect(folders.use('/live/7', {} as Program, 5_000)).toBe(false)
    expect(folders.expire(1_500)).toHaveLength(99)
    expect([...folders.programs('/live/7')]).toEqual([program])
    expect(folders.forget(program)).toEqual(['/live/7'])
    expect(folders.size).toBe(0)
  })
})

describe('one token for all', () => {
  it('asks the gates once, however many come at once and however often they are refused', async () => {
    let [asked, isOpen] = [0, false]
    const gate: Plugin = {
      name: 'gate',
      onPlay: async () => {
        asked += 1
        await new Promise(resolve => setTimeout(resolve, 50))
        return isOpen ? undefined : deny('NetStream.Play.Failed', 'not yet')
      },
    }
    const server = await served(hls({ cdn: true }), { plugins: [gate] })
    const publisher = await server.test.publish('live/stream')
    await send(
      publisher,
      whole.filter(({ timestamp }) => timestamp < 1_000),
    )
    const index = () => server.get('/live/stream/index.m3u8')
    const refused = await Promise.all(Array.from({ length: 20 }, index))
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([403]))
    expect(asked).toBeLessThanOrEqual(2)
    isOpen = true
    asked = 0
    const watching = Promise.all(Array.from({ length: 20 }, index))
    await vi.waitFor(() => expect(server.test.server.connections.size).toBeGreaterThan(1))
    await send(
      publisher,
      whole.filter(({ timestamp }) => timestamp >= 1_000),
    )
    const texts = await Promise.all((await watching).map(response => response.text()))
    expect(new Set(texts.map(text => /viewer=(.+)/.exec(text)?.[1])).size).toBe(1)
    expect(asked).toBe(1)
  })
})

describe('a viewer of HLS', () => {
  it('may come from another address: it is a phone', async () => {
    const trusting = await served(hls(), { http: { port: 0, mount: [hls()], trustProxy: ['127.0.0.1'] } })
    const { viewer } = await live(trusting)
    const moved = await trusting.get(viewer.path, { headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(moved.status).toBe(200)
  })

  it('whose clock is set forth stays', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const server = await served(hls())
    const { viewer } = await live(server)
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000)
    // Long enough for a look at who has left.
    vi.advanceTimersByTime(1_500)
    now.mockRestore()
    expect((await viewer.playlist()).status).toBe(200)
  })

  it('goes on when the publisher comes back with another codec, behind a discontinuity', async () => {
    const server = await served(hls())
    const { viewer, publisher } = await live(server)
    publisher.end()
    await vi.waitFor(async () => expect(await (await viewer.playlist()).text()).toContain('ENDLIST'))
    const again = await server.test.publish('live/stream')
    const later = stream({ seconds: 30, hasSound: false, gop: 25 })
    await send(
      again,
      later.filter(({ timestamp }) => timestamp < 1_000),
    )
    await vi.waitFor(async () => expect(await (await watch(server)).playlist()).toMatchObject({ status: 200 }))
    await send(
      again,
      later.filter(({ timestamp }) => timestamp >= 1_000),
    )
    const next = await watch(server)
    const text = await (await next.playlist()).text()
    expect(text).toContain('#EXT-X-DISCONTINUITY')
    expect(text).not.toContain('ENDLIST')
    expect(text.match(/EXT-X-MAP/g)).toHaveLength(2)
    expect(next.index).not.toContain('mp4a')
  })

  it('is told so when the publisher leaves before there is anything to see', async () => {
    const server = await served(hls())
    const publisher = await server.test.publish('live/stream')
    const answer = server.get('/live/stream/index.m3u8')
    await vi.waitFor(() => expect(server.test.server.connections.size).toBe(2))
    publisher.end()
    expect((await answer).status).toBe(404)
  })

  it('is let go when the server closes, also while it waits', async () => {
    const server = await served(hls())
    const { viewer, publisher } = await live(server)
    publisher.on('error', () => {})
    const waiting = viewer.playlist('&_HLS_msn=2').then(
      ({ status }) => status,
      () => 'cut',
    )
    await vi.waitFor(async () => expect((await viewer.playlist()).status).toBe(200))
    await server.test.server.close()
    expect([200, 404, 403, 503, 'cut']).toContain(await waiting)
    expect(server.test.server.connections.size).toBe(0)
  })
})

it('sends sound alone, and pictures alone', async () => {
  const server = await served(hls())
  for (const kind of ['hasSound', 'hasPictures'] as const) {
    const publisher = await server.test.publish(`live/${kind}`)
    const all = stream({ seconds: 5, [kind]: false })
    await send(
      publisher,
      all.filter(({ timestamp }) => timestamp < 1_000),
    )
    const before = server.test.server.connections.size
    const watching = watch(server, `/live/${kind}`)
    await vi.waitFor(() => expect(server.test.server.connections.size).toBeGreaterThan(before))
    await send(
      publisher,
      all.filter(({ timestamp }) => timestamp >= 1_000),
    )
    const { index } = await watching
    expect(index).toContain(kind === 'hasSound' ? 'CODECS="avc1.42C00D"' : 'CODECS="mp4a.40.2"')
  }
})
