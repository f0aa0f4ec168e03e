import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { httpTunnel } from '../../src/index.ts'
import { closing, listening, read, turns } from '../support/bench.ts'
import { type ForeignRequest, ForeignServer, reply } from '../support/foreign-server.ts'

async function dialled(answer: (request: ForeignRequest) => void): Promise<{ server: ForeignServer; stream: Duplex }> {
  const server = await ForeignServer.start(answer)
  const { stream } = await httpTunnel().dial(server.url)
  return { server, stream }
}

const isIdle = ({ path }: ForeignRequest): boolean => path.startsWith('/idle')

describe('a dialled tunnel', () => {
  it('numbers /send and /idle alike from 0, one after the other', async () => {
    const { server, stream } = await dialled(request => reply(request, [1]))
    for (const word of ['one', 'two', 'three']) {
      stream.write(word)
      await vi.waitFor(() => expect(Buffer.concat(server.requests.map(({ body }) => body)).toString()).toContain(word))
    }
    stream.destroy()
    await closing(stream)
    const numbers = server.requests.map(({ path }) => /^\/(?:send|idle)\/sid\/(\d+)$/.exec(path)?.[1])
    const numbered = numbers.filter(number => number !== undefined).map(Number)
    expect(numbered).toEqual(numbered.map((_, index) => index))
  })

  it('sends up to 64 KiB at a time, and what was written meanwhile at once', async () => {
    const { server, stream } = await dialled(request => reply(request, [1]))
    const written = Buffer.from(Array.from({ length: 150 * 1024 }, (_, index) => index % 253))
    for (let at = 0; at < written.length; at += 1024) stream.write(written.subarray(at, at + 1024))
    const bodies = (): Buffer[] =>
      server.requests.filter(({ path }) => path.startsWith('/send')).map(({ body }) => body)
    await vi.waitFor(() => expect(Buffer.concat(bodies()).length).toBe(written.length))
    expect(Buffer.concat(bodies()).equals(written)).toBe(true)
    expect(bodies().map(body => body.length)).toEqual([65_536, 65_536, 22_528])
    stream.destroy()
    await closing(stream)
  })

  it('does not wait for a poll that is held', async () => {
    let held: ForeignRequest | undefined
    const { server, stream } = await dialled(request => {
      if (isIdle(request)) held = request
      else reply(request, '\x01second')
    })
    await vi.waitFor(() => expect(held).toBeDefined())
    stream.write('urgent')
    await vi.waitFor(() => expect(server.paths('send')).toEqual(['/send/sid/1']))
    // The answer to the poll is due first, whenever it comes.
    const text = read(stream, 11)
    reply(held as ForeignRequest, '\x01first')
    expect(await text).toBe('firstsecond'.slice(0, 11))
    stream.destroy()
    await closing(stream)
  })

  it('polls on while there is data, and waits as it is told when there is none', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    // 5 counts of 16 ms between polls in vain, less the moment that has passed of it.
    const pauses = () => timers.mock.calls.filter(([, delay = 0]) => delay > 64 && delay <= 80).length
    const pausesAt: number[] = []
    const { stream } = await dialled(request => {
      pausesAt.push(pauses())
      reply(request, pausesAt.length < 20 ? '\x05data' : [5])
    })
    stream.resume()
    await vi.waitFor(() => expect(pausesAt.length).toBeGreaterThanOrEqual(22))
    timers.mockRestore()
    stream.destroy()
    await closing(stream)
    const [afterData = 0, first = 0, second = 0] = pausesAt.slice(19)
    expect([afterData, first > 0, second > first]).toEqual([0, true, true])
  })

  it('ends when it is told that the session is over, after the data that came before', async () => {
    let count = 0
    const { stream } = await dialled(request =>
      reply(request, isIdle(request) ? (count++ === 0 ? '\x01last' : [0]) : [0]),
    )
    expect(await read(stream, 4)).toBe('last')
    await once(stream.resume(), 'end')
    stream.end()
    expect(await closing(stream)).toBeUndefined()
  })

  it('takes 00 with data for data', async () => {
    let count = 0
    const { stream } = await dialled(request => reply(request, count++ < 2 ? '\x00data' : [0]))
    expect(await read(stream, 8)).toBe('datadata')
    await once(stream.resume().end(), 'close')
  })

  it.each([
    [
      'status 404',
      (request: ForeignRequest) => reply(request, 'gone', 404),
      { code: 'RTMP_ERR_TUNNEL_STATUS', status: 404 },
    ],
    ['an empty reply', (request: ForeignRequest) => reply(request, []), { code: 'RTMP_ERR_TUNNEL_REPLY' }],
    [
      'a reply of more than 4 MiB',
      (request: ForeignRequest) => reply(request, 'x'.repeat(4 * 1024 * 1024 + 1)),
      { code: 'RTMP_ERR_TUNNEL_BODY_LENGTH', name: 'TunnelLimitError' },
    ],
    ['a broken connection', (request: ForeignRequest) => void request.socket.destroy(), { code: 'ECONNRESET' }],
  ])('fails on %s', async (_, answer, error) => {
    const { stream } = await dialled(answer)
    expect(await closing(stream)).toMatchObject(error)
  })

  it('tries once more when a kept connection turns out to be closed', async () => {
    const broken = new Set<string>()
    const { server, stream } = await dialled(request => {
      if (request.path.startsWith('/send') && !broken.has(request.path)) {
        broken.add(request.path)
        request.socket.destroy()
      } else if (isIdle(request)) reply(request, [1])
      else reply(request, '\x01ok')
    })
    stream.write('x')
    expect(await read(stream, 2)).toBe('ok')
    const sends = server.paths('send')
    expect(sends.length).toBe(2)
    expect(sends[0]).toBe(sends[1])
    stream.destroy()
    await closing(stream)
  })

  it('sends what was written before end(), closes, and reads on to the end', async () => {
    let left = 3
    const { server, stream } = await dialled(request => {
      const closed = server.paths('close').length > 0
      if (isIdle(request) && closed) reply(request, left-- > 0 ? '\x01more' : [0])
      else reply(request, request.path.startsWith('/close') ? [0] : [1])
    })
    stream.end('question')
    let text = ''
    for await (const bytes of stream) text += String(bytes)
    expect(text).toBe('moremoremore')
    expect(await closing(stream)).toBeUndefined()
    const paths = server.paths()
    expect(server.requests.find(({ path }) => path.startsWith('/send'))?.body.toString()).toBe('question')
    expect(paths.findIndex(path => path.startsWith('/send'))).toBeLessThan(
      paths.findIndex(path => path.startsWith('/close')),
    )
  })

  it('is content with a server that forgets the session when it is closed', async () => {
    const { server, stream } = await dialled(request => {
      const closed = server.paths('close').length > 0
      if (request.path.startsWith('/close')) reply(request, [0])
      else reply(request, closed ? 'gone' : [1], closed ? 404 : 200)
    })
    stream.resume().end('bye')
    expect(await closing(stream)).toBeUndefined()
  })

  it('polls slowly while the reader does not keep up, and stops at the limit', async () => {
    const { server, stream } = await dialled(request => reply(request, `\x01${'x'.repeat(1024 * 1024)}`))
    await vi.waitFor(() => expect(stream.readableLength).toBeGreaterThan(0))
    const polls = server.paths('idle').length
    await turns(20)
    expect(server.paths('idle').length).toBeLessThanOrEqual(polls + 1)
    stream.resume()
    await vi.waitFor(() => expect(server.paths('idle').length).toBeGreaterThan(polls + 2))
    stream.destroy()
    await closing(stream)
  })

  it('is destroyed with the reason of its signal', async () => {
    const { accepted, port } = await listening()
    const abort = new AbortController()
    const { stream } = await httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${port}`), { signal: abort.signal })
    stream.write('x')
    const { stream: far } = await accepted.next()
    abort.abort(new Error('enough'))
    expect(await closing(stream)).toMatchObject({ message: 'enough' })
    await once(far.resume(), 'end')
  })
})
