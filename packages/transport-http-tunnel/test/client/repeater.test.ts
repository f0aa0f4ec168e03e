import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type HttpReply, StaleConnection } from '../../src/client/http-poster.ts'
import { passesSoon } from '../../src/client/passing-errors.ts'
import { type Poster, Repeater } from '../../src/client/repeater.ts'
import { TunnelError } from '../../src/index.ts'

const REPLY: HttpReply = { body: Buffer.from([1]), remoteAddress: '127.0.0.1', remotePort: 80 }

/** Fails as it is told, then answers; keeps when it was asked, and what for. */
class ScriptedPoster implements Poster {
  readonly asked: { readonly at: number; readonly path: string; readonly timeout: number | undefined }[] = []
  refreshed = 0
  readonly #failure: (attempt: number) => Error | undefined

  constructor(failure: (attempt: number) => Error | undefined) {
    this.#failure = failure
  }

  post(path: string, _body: Uint8Array, timeout?: number): Promise<HttpReply> {
    this.asked.push({ at: performance.now(), path, timeout })
    const failure = this.#failure(this.asked.length - 1)
    return failure === undefined ? Promise.resolve(REPLY) : Promise.reject(failure)
  }

  refresh(): void {
    this.refreshed += 1
  }

  abort(): void {}

  close(): void {}

  get pauses(): number[] {
    return this.asked.slice(1).map(({ at }, index) => Math.round(at - (this.asked[index]?.at ?? 0)))
  }
}

function failing(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function status(code: number): Error {
  return new TunnelError('RTMP_ERR_TUNNEL_STATUS', `server answered ${code}`, { status: code })
}

function post(repeater: Repeater): Promise<HttpReply> {
  const posting = repeater.post('/send 7', '/send/sid/7', Buffer.from('x'))
  posting.catch(() => {})
  return posting
}

describe('Repeater', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('asks again after 20 ms and up to 500 ms, on new connections', async () => {
    const poster = new ScriptedPoster(attempt => (attempt < 8 ? failing('ECONNREFUSED') : undefined))
    const posting = post(new Repeater(poster, 15_000))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await posting).toBe(REPLY)
    expect(poster.pauses).toEqual([20, 40, 80, 160, 320, 500, 500, 500])
    expect(new Set(poster.asked.map(({ path }) => path))).toEqual(new Set(['/send/sid/7']))
    expect(poster.refreshed).toBe(8)
  })

  it('survives 10 s without anybody there, and not 15', async () => {
    const down = (until: number) =>
      new ScriptedPoster(() => (performance.now() - from < until ? failing('ECONNREFUSED') : undefined))
    const from = performance.now()
    const posting = post(new Repeater(down(10_000), 15_000))
    const failed = post(new Repeater(down(15_000), 15_000))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await posting).toBe(REPLY)
    await expect(failed).rejects.toMatchObject({
      name: 'TunnelError',
      code: 'RTMP_ERR_TUNNEL_UNREACHABLE',
      message: expect.stringMatching(/^\/send 7 was not answered for 15000 ms, asked 3\d times; last: ECONNREFUSED$/),
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('tells which status it was answered with last', async () => {
    const failed = post(new Repeater(new ScriptedPoster(() => status(504)), 100))
    await vi.advanceTimersByTimeAsync(100)
    await expect(failed).rejects.toMatchObject({ code: 'RTMP_ERR_TUNNEL_UNREACHABLE', status: 504 })
  })

  it('waits longer for an answer each time that none comes', async () => {
    const poster = new ScriptedPoster(attempt =>
      attempt < 2 ? new TunnelError('RTMP_ERR_TUNNEL_TIMEOUT', 'no answer') : undefined,
    )
    const posting = post(new Repeater(poster, 15_000))
    await vi.advanceTimersByTimeAsync(1_000)
    await posting
    expect(poster.asked.map(({ timeout }) => Math.min(12_000, timeout ?? 0))).toEqual([3_000, 6_000, 12_000])
  })

  it('does not wait when a kept connection was closed, the first time', async () => {
    const poster = new ScriptedPoster(attempt => (attempt < 3 ? new StaleConnection('socket hang up') : undefined))
    const posting = post(new Repeater(poster, 15_000))
    await vi.advanceTimersByTimeAsync(1_000)
    await posting
    expect(poster.pauses).toEqual([0, 20, 40])
  })

  it.each([
    status(404),
    status(400),
    status(500),
    new TunnelError('RTMP_ERR_TUNNEL_REPLY', 'no polling byte'),
    failing('DEPTH_ZERO_SELF_SIGNED_CERT'),
    failing('ERR_TLS_CERT_ALTNAME_INVALID'),
  ])('passes on at once: $message', async error => {
    const poster = new ScriptedPoster(() => error)
    await expect(post(new Repeater(poster, 15_000))).rejects.toBe(error)
    expect(poster.asked.length).toBe(1)
  })

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN', 'HPE_INVALID_CONSTANT'])(
    'asks again after %s',
    async code => {
      const poster = new ScriptedPoster(attempt => (attempt === 0 ? failing(code) : undefined))
      const posting = post(new Repeater(poster, 15_000))
      await vi.advanceTimersByTimeAsync(20)
      expect(await posting).toBe(REPLY)
    },
  )

  it('stops when it is given up', async () => {
    const poster = new ScriptedPoster(() => failing('ECONNRESET'))
    const repeater = new Repeater(poster, 15_000)
    const posting = post(repeater)
    await vi.advanceTimersByTimeAsync(25)
    repeater.abort()
    await expect(posting).rejects.toMatchObject({ code: 'ECONNRESET' })
    await vi.advanceTimersByTimeAsync(15_000)
    expect(poster.asked.length).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('passesSoon', () => {
  it.each([
    [status(502), true],
    [status(504), true],
    [failing('ECONNRESET'), true],
    [status(503), false],
    [failing('ECONNREFUSED'), false],
    [failing('HPE_INVALID_CONSTANT'), false],
  ])('%s: %s', (error, again) => expect(passesSoon(error)).toBe(again))
})
