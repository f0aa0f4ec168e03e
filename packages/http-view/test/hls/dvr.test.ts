import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deny, type Plugin } from '@rtmpipe/session'
import { send } from '@rtmpipe/testing'
import { describe, expect, it, type TestContext, vi } from 'vitest'
import { type DvrOptions, hls, type HlsOptions } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { checkedPlaylist } from '../support/hls-rules.ts'
import { namesIn, watch } from '../support/hls-viewer.ts'
import { served, type Served, type ServedOptions } from '../support/served.ts'

const options = { segmentDuration: 1_000, partDuration: 200, window: 4_000 } as const

/** For what waits for a disk, or for the next look at who watches. */
const patience = { timeout: 6_000 }

async function temporary({ onTestFinished }: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dvr-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Publishes so many seconds, whose pictures have so many bytes. */
async function publish(server: Served, seconds: number, { bytes = 0, name = 'live/stream' } = {}) {
  const publisher = await server.test.publish(name)
  // The server may close before it leaves.
  publisher.on('error', () => {})
  const padding = Buffer.alloc(bytes)
  const messages = stream({ seconds, gop: 25 }).map(message =>
    message.messageTypeId === 9 && message.payload[1] === 1
      ? { ...message, payload: Buffer.concat([message.payload, padding]) }
      : message,
  )
  const begin = messages.filter(({ timestamp }) => timestamp < 500)
  await send(publisher, begin)
  // What is cut without a viewer begins at the next look; who watches what was kept waits for the publisher, too.
  const [app = '', of = ''] = name.split('/')
  const { streams, players } = server.test.server
  const live = streams.get(app, of)
  await vi.waitFor(() => expect(live?.consumerCount).toBeGreaterThan(players.size), patience)
  await send(publisher, messages.slice(begin.length))
  return publisher
}

const segmentsIn = (text: string): string[] => text.split('\n').filter(line => line.endsWith('.m4s'))

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true })
  return all.filter(name => name.endsWith('.m4s'))
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await filesIn(folder)).map(async name => (await stat(join(folder, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function live(context: TestContext, dvr: DvrOptions, more: HlsOptions = {}, rest: ServedOptions = {}) {
  return served(hls({ ...options, ...more, dvr }), rest, context)
}

describe.concurrent('the DVR window', () => {
  it('is listed from its beginning, and had from files', async context => {
    const folder = await temporary(context)
    const server = await live(context, { seconds: 3_600, folder })
    await publish(server, 30)
    const viewer = await watch(server)
    await vi.waitFor(async () => expect((await filesIn(folder)).length).toBeGreaterThanOrEqual(28), patience)
    const text = await (await viewer.playlist()).text()
    checkedPlaylist(text)
    expect(text).not.toContain('PLAYLIST-TYPE')
    const names = segmentsIn(text)
    expect(names.length).toBeGreaterThanOrEqual(28)
    for (const name of names) {
      const body = Buffer.from(await (await viewer.file(name)).arrayBuffer())
      const [path = ''] = (await filesIn(folder)).filter(file => file.endsWith(name))
      expect(body.equals(await readFile(join(folder, path)))).toBe(true)
      expect(body.subarray(4, 8).toString()).toBe('moof')
    }
    const head = await server.get(`/live/stream/${names[0]}`, { method: 'HEAD' })
    expect([head.status, Number(head.headers.get('content-length')) > 1_000]).toEqual([200, true])
    // A delta update leaves out what is old.
    expect(await (await viewer.playlist('&_HLS_skip=YES')).text()).toMatch(/SKIPPED-SEGMENTS=\d\d/)
  })

  it('is no longer than was said, on the disk too', async context => {
    const folder = await temporary(context)
    const server = await live(context, { seconds: 10, folder })
    await publish(server, 40)
    const viewer = await watch(server)
    const text = await (await viewer.playlist()).text()
    checkedPlaylist(text)
    expect(segmentsIn(text).length).toBeLessThanOrEqual(12)
    expect(text).toMatch(/MEDIA-SEQUENCE:(2\d|3\d)/)
    // Beside those that are listed, what a viewer may still ask for.
    await vi.waitFor(async () => expect((await filesIn(folder)).length).toBeLessThanOrEqual(12 + 7), patience)
  })

  it('has no more bytes than was said; the stream with most gives way', async context => {
    const folder = await temporary(context)
    const maxBytes = 2 * 1024 * 1024
    const server = await live(context, { seconds: 3_600, folder, maxBytes })
    await publish(server, 30, { bytes: 8_000 })
    const small = await publish(server, 30, { name: 'live/small' })
    await vi.waitFor(async () => expect(await bytesIn(folder)).toBeGreaterThan(maxBytes / 2), patience)
    expect(await bytesIn(folder)).toBeLessThanOrEqual(maxBytes)
    const viewer = await watch(server)
    const text = await (await viewer.playlist()).text()
    checkedPlaylist(text)
    for (const name of segmentsIn(text)) expect((await viewer.file(name)).status).toBe(200)
    const other = await (await (await watch(server, '/live/small')).playlist()).text()
    expect(segmentsIn(other).length).toBeGreaterThanOrEqual(28)
    small.end()
  })

  it('goes on in memory where the disk fails', async context => {
    const folder = await temporary(context)
    const server = await live(context, { seconds: 3_600, folder })
    await rm(folder, { recursive: true })
    await writeFile(folder, '')
    await publish(server, 30)
    const viewer = await watch(server)
    await vi.waitFor(async () => {
      const names = segmentsIn(await (await viewer.playlist()).text())
      expect(names.length).toBeGreaterThanOrEqual(3)
      for (const name of names) expect((await viewer.file(name)).status).toBe(200)
    }, patience)
  })

  it('may be in memory alone', async context => {
    const server = await live(context, { seconds: 20, maxBytes: 64 * 1024 * 1024 })
    await publish(server, 40)
    const viewer = await watch(server)
    const names = segmentsIn(await (await viewer.playlist()).text())
    expect(names.length).toBeGreaterThanOrEqual(19)
    expect(names.length).toBeLessThanOrEqual(22)
    expect((await viewer.file(names[0] ?? '')).status).toBe(200)
  })

  it('leaves nothing behind, and clears what an earlier run has left', async context => {
    const folder = await temporary(context)
    await mkdir(join(folder, 'rtmpipe-hls-0123456789abcdef'))
    await mkdir(join(folder, 'of-others'))
    const server = await live(context, { seconds: 3_600, folder }, { keepEnded: 0 })
    expect(await readdir(folder)).toEqual(['of-others'])
    const publisher = await publish(server, 10)
    await vi.waitFor(async () => expect((await filesIn(folder)).length).toBeGreaterThan(5), patience)
    publisher.end()
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['of-others']), patience)
    await publish(server, 10, { name: 'live/another' })
    await vi.waitFor(async () => expect((await filesIn(folder)).length).toBeGreaterThan(5), patience)
    await server.test.server.close()
    expect(await readdir(folder)).toEqual(['of-others'])
  })

  it('needs a folder that can be written', async context => {
    const folder = join(await temporary(context), 'file')
    await writeFile(folder, '')
    await expect(live(context, { seconds: 10, folder })).rejects.toThrow(/dvr\.folder .* can not be written/)
  })

  it.each([
    [{}, /dvr\.seconds/],
    [{ seconds: 0 }, /dvr\.seconds/],
    [{ seconds: 10, maxBytes: 5 }, /dvr\.maxBytes/],
    [{ seconds: 10, keep: 60 }, /dvr\.folder/],
    [{ seconds: 10, folder: '' }, /dvr\.folder/],
    [{ seconds: 10, foldr: 'x' }, /foldr/],
  ])('can not be %j', (dvr, message) => {
    expect(() => hls({ dvr: dvr as DvrOptions })).toThrow(message)
  })
})

describe.concurrent('a stream that is kept', () => {
  const keep = 3_600

  /** A stream that is over, and kept. */
  async function kept(context: TestContext, folder: string, rest: ServedOptions = {}) {
    const log = { keys: [] as string[] }
    const gate: Plugin = {
      name: 'gate',
      onPlay: ({ query, streamName }) => {
        log.keys.push(`${streamName} ${query.get('key')}`)
        return query.get('key') === 'wrong' ? deny('NetStream.Play.Failed', 'not for you') : undefined
      },
    }
    const server = await live(context, { seconds: 3_600, folder, keep }, { keepEnded: 0 }, { plugins: [gate], ...rest })
    const publisher = await publish(server, 12)
    const viewer = await watch(server)
    const names = segmentsIn(await (await viewer.playlist()).text())
    publisher.end()
    await vi.waitFor(async () => expect(await (await begin(server)).text()).toContain('TYPE:VOD'), patience)
    return { server, log, names, viewer }
  }

  /** The media playlist of what plays at an address, from the beginning. */
  async function begin(server: Served, path = '/live/stream', query = ''): Promise<Response> {
    const index = await server.get(`${path}/index.m3u8${query}`)
    if (!index.ok) return index
    const uri = (await index.text()).split('\n').find(line => line.includes('.m3u8')) ?? ''
    return server.get(`${path}/${uri}`)
  }

  async function dateOf(folder: string): Promise<string> {
    const [name = ''] = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.jsonl'))
    const [line = ''] = (await readFile(join(folder, name), 'utf8')).split('\n')
    const { began } = JSON.parse(line) as { began: number }
    return new Date(began).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  }

  it('plays from its beginning to its end, at its address and at that of its date', async context => {
    const folder = await temporary(context)
    const { server, names, viewer } = await kept(context, folder)
    for (const path of ['/live/stream', `/live/stream/${await dateOf(folder)}`]) {
      const text = await (await begin(server, path)).text()
      expect(text).toMatch(/#EXT-X-PLAYLIST-TYPE:VOD\n/)
      expect(text).toMatch(/#EXT-X-ENDLIST\n$/)
      expect(text).not.toContain('EXT-X-PART')
      checkedPlaylist(text)
      expect(segmentsIn(text).slice(0, names.length)).toEqual(names)
      for (const name of namesIn(text)) expect((await server.get(`${path}/${name}`)).status).toBe(200)
    }
    // Who watched when the stream ended watches on.
    for (const name of names) expect((await viewer.file(name)).status).toBe(200)
    expect((await begin(server, '/live/stream/20200101-000000')).status).toBe(404)
  })

  it('is behind the same gates, and its viewers can be sent away', async context => {
    const folder = await temporary(context)
    const { server, log } = await kept(context, folder)
    const path = `/live/stream/${await dateOf(folder)}`
    expect((await begin(server, path, '?key=wrong')).status).toBe(403)
    expect((await begin(server, '/live/stream', '?key=wrong')).status).toBe(403)
    const before = new Set(server.test.server.players)
    const viewer = await watch(server, path, '?key=right')
    expect(log.keys.slice(-3)).toEqual(['stream wrong', 'stream wrong', 'stream right'])
    const [play] = [...server.test.server.players].filter(one => !before.has(one))
    expect((await viewer.playlist()).status).toBe(200)
    expect(play?.connection.bytesSent).toBeGreaterThan(500)
    play?.end()
    expect((await viewer.playlist()).status).toBe(403)
  })

  it('makes way for the next publish, and is there after a restart', async context => {
    const folder = await temporary(context)
    const { server } = await kept(context, folder)
    const date = await dateOf(folder)
    await publish(server, 12)
    expect(await (await begin(server)).text()).toMatch(/^#EXTM3U(?!.*TYPE:VOD)/s)
    expect(await (await begin(server, `/live/stream/${date}`)).text()).toContain('TYPE:VOD')
    await server.test.server.close()
    const next = await live(context, { seconds: 3_600, folder, keep })
    // What was published until the end is kept as well.
    expect((await readdir(folder)).length).toBe(2)
    const text = await (await begin(next, `/live/stream/${date}`)).text()
    expect(text).toContain('TYPE:VOD')
    for (const name of namesIn(text)) expect((await next.get(`/live/stream/${date}/${name}`)).status).toBe(200)
  })

  it('is had without a break by who watched when it ended', async context => {
    const folder = await temporary(context)
    const server = await live(context, { seconds: 3_600, folder, keep }, { keepEnded: 0 })
    const publisher = await publish(server, 12)
    const viewer = await watch(server)
    const [name = ''] = segmentsIn(await (await viewer.playlist()).text())
    publisher.end()
    const statuses: number[] = []
    // From the end of its last viewer on, it is a recording.
    while ((await viewer.playlist()).status === 200) statuses.push((await viewer.file(name)).status)
    for (let times = 0; times < 20; times += 1) statuses.push((await viewer.file(name)).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    await vi.waitFor(async () => expect(await (await begin(server)).text()).toContain('TYPE:VOD'), patience)
  })

  it.for<HlsOptions>([{ cdn: true }, { token: 'cookie' }])(
    'is not shown to who comes when somebody publishes, with %j',
    async (more, context) => {
      const folder = await temporary(context)
      const server = await live(context, { seconds: 3_600, folder, keep }, { keepEnded: 0, ...more })
      const publisher = await publish(server, 12)
      let cookie = ''
      const get = async (path: string): Promise<string> => {
        const response = await server.get(`/live/stream/${path}`, { headers: { cookie } })
        cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
        return response.text()
      }
      const text = async () => get((await get('index.m3u8')).split('\n').find(line => line.includes('.m3u8')) ?? '')
      expect(await text()).not.toContain('TYPE:VOD')
      publisher.end()
      await vi.waitFor(async () => expect(await text()).toContain('TYPE:VOD'), patience)
      await publish(server, 12)
      expect(await text()).toMatch(/^#EXTM3U(?!.*TYPE:VOD)/s)
    },
  )

  it('plays without what a machine that has stopped did not write', async context => {
    const folder = await temporary(context)
    const { server, names } = await kept(context, folder)
    await server.test.server.close()
    const [file = ''] = (await filesIn(folder)).filter(path => path.endsWith(names[2] ?? ''))
    await truncate(join(folder, file))
    const next = await live(context, { seconds: 3_600, folder, keep })
    const listed = segmentsIn(await (await begin(next)).text())
    expect(listed).not.toContain(names[2])
    expect(listed.slice(0, 2)).toEqual(names.slice(0, 2))
    expect((await next.get(`/live/stream/${names[2]}`)).status).toBe(404)
  })

  it('goes when there is no more room, or when it is kept no longer', async context => {
    const folder = await temporary(context)
    const { server } = await kept(context, folder)
    await server.test.server.close()
    const size = await bytesIn(folder)
    const tight = await live(context, { seconds: 3_600, folder, keep, maxBytes: 1024 * 1024 })
    expect(size).toBeGreaterThan(1_000)
    await publish(tight, 20, { bytes: 4_000, name: 'live/large' })
    await vi.waitFor(async () => expect((await begin(tight)).status).toBe(404), patience)
    await tight.test.server.close()
    await live(context, { seconds: 3_600, folder })
    expect(await readdir(folder)).toEqual([])
  })
})
