import { StatusError } from '@rtmpipe/session/client'
import type { PublishStream } from '@rtmpipe/session/client'
import { Writable } from 'readable-stream'
import { expect, it } from 'vitest'
import { type Opened, Upstream } from '../../src/browser/publisher/upstream.ts'

/** A server that takes what it is told to. */
class Server {
  readonly told: string[] = []
  readonly upstream: Upstream
  /** What the next attempts come to; a stream, if nothing is said. */
  readonly answers: Error[] = []
  stream: Writable | undefined
  connected = true
  closed = 0
  /** Attempts so far. */
  attempts = 0
  delays: number[] = []

  constructor(isKept = true) {
    this.upstream = new Upstream(() => this.open(), isKept, {
      up: () => this.told.push('up'),
      down: (error, delay) => {
        this.told.push(`down: ${error.message}`)
        this.delays.push(delay ?? Infinity)
      },
      refused: error => this.told.push(`refused: ${error.message}`),
      ended: () => this.told.push('ended'),
    })
  }

  async open(): Promise<Opened> {
    this.attempts += 1
    const answer = this.answers.shift()
    if (answer !== undefined) throw answer
    this.stream = new Writable({
      objectMode: true,
      write: (message, _encoding, done) => void (message === 'held' || done()),
    })
    return {
      stream: this.stream as PublishStream,
      roundTrip: () => 12,
      isConnected: () => this.connected,
      close: async () => void (this.closed += 1),
    }
  }

  /** The connection breaks. */
  async lose(error?: Error): Promise<void> {
    this.connected = false
    this.stream?.destroy(error)
    await settled()
    this.connected = true
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

it('connects again after a while, each time a longer one, and begins anew when it stands', async () => {
  const server = new Server()
  await server.upstream.start()
  server.upstream.beat(1_000)
  await server.lose(new Error('the line broke'))
  expect(server.upstream.stream).toBeUndefined()
  expect(server.closed).toBe(1)
  server.answers.push(...Array.from({ length: 6 }, () => new Error('nobody there')))
  let now = 1_000
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    const delay = server.delays.at(-1) ?? 0
    server.upstream.beat(now + delay - 1)
    await settled()
    expect(server.attempts).toBe(attempt)
    now += delay
    server.upstream.beat(now)
    await settled()
  }
  expect(server.told).toEqual([
    'up',
    'down: the line broke',
    ...Array.from({ length: 6 }, () => 'down: nobody there'),
    'up',
  ])
  const usual = [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]
  server.delays.forEach((delay, at) => {
    expect(delay).toBeGreaterThanOrEqual((usual[at] ?? 0) * 0.8)
    expect(delay).toBeLessThanOrEqual((usual[at] ?? 0) * 1.2)
  })
  expect(server.upstream.stream).toBe(server.stream)
})

it('connects again when the connection ends without an error, as that of a server that stops', async () => {
  const server = new Server()
  await server.upstream.start()
  await server.lose()
  expect(server.told).toEqual(['up', 'down: NetConnection.Connect.Closed: the connection was closed'])
})

it('ends when the server ends the stream, or does not want it', async () => {
  const ended = new Server()
  await ended.upstream.start()
  ended.stream?.destroy()
  await settled()
  expect(ended.told).toEqual(['up', 'ended'])

  const refused = new Server()
  await refused.upstream.start()
  await refused.lose()
  refused.answers.push(new StatusError('NetStream.Publish.Denied', 'the key is wrong'))
  refused.upstream.beat(60_000)
  await settled()
  expect(refused.told.slice(2)).toEqual(['refused: NetStream.Publish.Denied: the key is wrong'])
  refused.upstream.beat(600_000)
  await settled()
  expect(refused.attempts).toBe(2)
})

it('tries again while the server holds the name for the connection that was lost', async () => {
  const server = new Server()
  await server.upstream.start()
  await server.lose()
  server.answers.push(new StatusError('NetStream.Publish.BadName', 'somebody publishes it already'))
  server.upstream.beat(60_000)
  await settled()
  expect(server.told.slice(2)).toEqual(['down: NetStream.Publish.BadName: somebody publishes it already'])
  server.upstream.beat(120_000)
  await settled()
  expect(server.told.at(-1)).toBe('up')
})

it('does not connect again where the connection is somebody else’s', async () => {
  const server = new Server(false)
  await server.upstream.start()
  await server.lose(new Error('the line broke'))
  expect(server.delays).toEqual([Infinity])
  server.upstream.beat(1e9)
  await settled()
  expect(server.attempts).toBe(1)
})

it('gives up a connection that takes nothing for 15 s, and not one that takes a little', async () => {
  const server = new Server()
  await server.upstream.start()
  server.stream?.write('held')
  expect(server.upstream.isFull).toBe(true)
  for (const now of [1_000, 15_999]) server.upstream.beat(now)
  await settled()
  expect(server.told).toEqual(['up'])
  server.upstream.beat(16_000)
  await settled()
  expect(server.told[1]).toBe('down: the line has taken nothing for 15 s')
})

it('closes stream and connection, also one that arrives late, and tells nothing then', async () => {
  const server = new Server()
  await server.upstream.start()
  await server.upstream.close()
  expect(server.stream?.writableFinished).toBe(true)
  expect(server.closed).toBe(1)
  expect(server.told).toEqual(['up'])

  const late = new Server()
  const started = late.upstream.start()
  await late.upstream.close()
  await started
  expect(late.stream?.destroyed).toBe(true)
  expect(late.closed).toBe(1)
  expect(late.told).toEqual([])
})

it('connects no more once it is closed, and cuts nothing off that stands', async () => {
  const signals: AbortSignal[] = []
  const events = { up: () => {}, down: () => {}, refused: () => {}, ended: () => {} }
  const dialling = new Upstream(
    signal =>
      new Promise((_, reject) => {
        signals.push(signal)
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    true,
    events,
  )
  const started = dialling.start()
  await dialling.close()
  await expect(started).rejects.toThrow('aborted')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])

  const server = new Server()
  const standing = new Upstream(
    signal => {
      signals.push(signal)
      return server.open()
    },
    true,
    events,
  )
  await standing.start()
  await standing.close()
  expect(server.stream?.writableFinished).toBe(true)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})
