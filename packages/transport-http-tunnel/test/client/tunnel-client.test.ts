import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { type HttpTunnelOptions, httpTunnel } from '../../src/index.ts'
import { closing, listening, read, turns } from '../support/bench.ts'
import { type ForeignRequest, ForeignServer, reply } from '../support/foreign-server.ts'

async function dialled(
  answer: (request: ForeignRequest) => void,
  options: HttpTunnelOptions = {},
): Promise<{ server: ForeignServer; stream: Duplex }> {
  const server = await ForeignServer.start(answer)
  const { stream } = await httpTunnel(options).dial(server.url)
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
  ])('fails on %s', async (_, answer, error) => {
    const { stream } = await dialled(answer)
    expect(await closing(stream)).toMatchObject(error)
  })

  it.each([
    ['connections that break', (request: ForeignRequest) => void request.socket.destroy(), { code: 'ECONNRESET' }],
    ['status 502', (request: ForeignRequest) => reply(request, 'x', 502), { status: 502 }],
    ['status 503', (request: ForeignRequest) => reply(request, 'x', 503), { status: 503 }],
    ['status 504', (request: ForeignRequest) => reply(request, 'x', 504), { status: 504 }],
    ['no answer', () => {}, { code: 'RTMP_ERR_TUNNEL_TIMEOUT' }],
    [
      'half an answer',
      ({ response, socket }: ForeignRequest) => {
        response.writeHead(200, { 'Content-Length': 10 })
        response.write('half', () => socket.destroy())
      },
      { code: 'ECONNRESET' },
    ],
  ])('fails on %s, once the session must have ended', async (_, answer, cause) => {
    const { server, stream } = await dialled(answer, { idleTimeout: 300 })
    const error = await closing(stream)
    expect(error).toMatchObject({ name: 'TunnelError', code: 'RTMP_ERR_TUNNEL_UNREACHABLE' })
    expect(error?.cause).toMatchObject(cause)
    // Under one number, and no more often than the pauses of 20, 40, 80 and 160 ms allow.
    expect(new Set(server.paths('idle'))).toEqual(new Set(['/idle/sid/0']))
    expect(server.paths('idle').length).toBeLessThanOrEqual(6)
  })

  it('sends the same again until it is answered, and gives each reply its place', async () => {
    const statuses = [502, 503, 504]
    const { server, stream } = await dialled(request => {
      const status = isIdle(request) ? undefined : statuses.shift()
      if (status !== undefined) reply(request, 'not now', status)
      else reply(request, isIdle(request) ? [1] : '\x01answer')
    })
    stream.write('question')
    expect(await read(stream, 6)).toBe('answer')
    const sends = server.requests.filter(({ path }) => path.startsWith('/send'))
    expect(sends.map(({ body }) => body.toString())).toEqual(Array(4).fill('question'))
    expect(new Set(sends.map(({ path }) => path)).size).toBe(1)
    expect(new Set(sends.map(({ socket }) => socket)).size).toBe(4)
    stream.destroy()
    await closing(stream)
  })

  it('has no more than two numbers unanswered', async () => {
    let held: ForeignRequest | undefined
    const { server, stream } = await dialled(request => {
      if (isIdle(request) && held === undefined) held = request
      else reply(request, [1])
    })
    await vi.waitFor(() => expect(held).toBeDefined())
    stream.write('first')
    await vi.waitFor(() => expect(server.paths('send').length).toBe(1))
    stream.write('second')
    await turns()
    expect(server.paths('send')).toEqual(['/send/sid/1'])
    reply(held as ForeignRequest, [1])
    await vi.waitFor(() => expect(server.paths('send')).toEqual(['/send/sid/1', '/send/sid/2']))
    stream.destroy()
    await closing(stream)
  })

  it('does not ask again once it is destroyed', async () => {
    const { server, stream } = await dialled(request =>
      request.path.startsWith('/close') ? reply(request, [0]) : void request.socket.destroy(),
    )
    await vi.waitFor(() => expect(server.paths('idle').length).toBeGreaterThan(1))
    stream.destroy()
    await closing(stream)
    await vi.waitFor(() => expect(server.paths('close').length).toBe(1))
    const polls = server.paths('idle').length
    await turns(50)
    expect(server.paths('idle').length).toBe(polls)
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
