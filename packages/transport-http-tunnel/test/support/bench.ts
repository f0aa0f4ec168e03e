import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify from 'fastify'
import { onTestFinished } from 'vitest'
import {
  type HttpTunnelOptions,
  httpTunnel,
  type TunnelConnection,
  type TunnelLimits,
  type TunnelListener,
  tunnelRoutes,
} from '../../src/index.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'
import { RawClient } from './raw-client.ts'
import { serving } from './serving.ts'

export const cert: Buffer = readFileSync(new URL('../fixtures/cert.pem', import.meta.url))
export const key: Buffer = readFileSync(new URL('../fixtures/key.pem', import.meta.url))

/** Stands for a stream that is still to come, and then does what was asked of it in the meantime. */
class EarlyStream {
  readonly proxy: Duplex
  readonly #asked: ((stream: Duplex) => void)[] = []
  #stream: Duplex | undefined

  constructor() {
    this.proxy = new Proxy({} as Duplex, { get: (_, name) => this.#get(name as keyof Duplex) })
  }

  arrived(stream: Duplex): void {
    this.#stream = stream
    for (const ask of this.#asked) ask(stream)
  }

  #get(name: keyof Duplex): unknown {
    const stream = this.#stream
    if (stream === undefined) return this.#getEarly(name)
    const value: unknown = stream[name]
    return typeof value === 'function' ? value.bind(stream) : value
  }

  #getEarly(name: keyof Duplex): unknown {
    if (name === 'destroyed' || name === 'closed' || name === 'readableEnded') return false
    if (name === 'readableLength' || name === 'writableLength') return 0
    if (name === 'read') return () => null
    return (...values: unknown[]) => {
      this.#asked.push(stream => void (stream[name] as (...values: unknown[]) => unknown).apply(stream, values))
      return this.proxy
    }
  }
}

/** Sessions accepted so far, and those to come. */
export class Accepted {
  readonly all: TunnelConnection[] = []
  readonly #early: EarlyStream[] = []
  #taken = 0
  #wake: (() => void) | undefined

  readonly accept = (connection: TunnelConnection): void => {
    this.all.push(connection)
    this.#early.shift()?.arrived(connection.stream)
    this.#wake?.()
  }

  /** The stream of the next session, before that has begun. */
  nextStream(): Duplex {
    const early = new EarlyStream()
    this.#early.push(early)
    this.#taken += 1
    return early.proxy
  }

  async next(): Promise<TunnelConnection> {
    while (this.all[this.#taken] === undefined) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.all[this.#taken++] as TunnelConnection
  }
}

/** A transport that listens on a free port until the test is over. */
export async function listening(
  options: HttpTunnelOptions = {},
): Promise<{ listener: TunnelListener; port: number; accepted: Accepted; raw: () => Promise<RawClient> }> {
  const accepted = new Accepted()
  const listener = await httpTunnel({ port: 0, ...options }).listen(accepted.accept)
  onTestFinished(async () => {
    for (const { stream } of accepted.all) stream.destroy()
    await listener.close()
  })
  const { port } = listener.address
  return { listener, port, accepted, raw: () => rawClient(port, options.tls !== undefined) }
}

/** The routes in a fastify of the user's own, until the test is over. */
export async function routed(limits: Partial<TunnelLimits> = {}): Promise<{
  port: number
  accepted: Accepted
  raw: () => Promise<RawClient>
}> {
  const accepted = new Accepted()
  const app = fastify()
  app.register(tunnelRoutes, { ...limits, accept: accepted.accept })
  await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  const { port } = app.server.address() as AddressInfo
  return { port, accepted, raw: () => rawClient(port) }
}

/** Tunnel routes behind a real HTTP server, with a clock that only the test moves. */
export async function clocked(limits: Partial<TunnelLimits> = {}): Promise<Clocked> {
  const accepted = new Accepted()
  const errors: Error[] = []
  const clock = { now: 1_000_000 }
  const sessions = new TunnelServer(
    { ...limits, accept: accepted.accept, onError: error => errors.push(error) },
    () => clock.now,
  )
  const { server, port } = await serving(sessions)
  const clients: RawClient[] = []
  let arrived = 0
  server.on('request', () => (arrived += 1))
  return {
    accepted,
    errors,
    sessions,
    port,
    async raw() {
      const client = await rawClient(port)
      clients.push(client)
      return client
    },
    async arrived() {
      while (arrived < clients.reduce((sum, { sent }) => sum + sent, 0)) await immediate()
      for (let turn = 0; turn < 3; turn++) await immediate()
    },
    async disconnected(client) {
      client.destroy()
      clients.splice(clients.indexOf(client), 1)
      const open = (): Promise<number> => new Promise(resolve => server.getConnections((_, count) => resolve(count)))
      while ((await open()) > clients.filter(({ socket }) => !socket.destroyed).length) await immediate()
      arrived -= client.sent
    },
    pass(milliseconds) {
      clock.now += milliseconds
      sessions.tick()
    },
  }
}

export interface Clocked {
  readonly accepted: Accepted
  /** What onError was told. */
  readonly errors: readonly Error[]
  readonly sessions: TunnelServer
  readonly port: number
  raw(): Promise<RawClient>
  /** Resolves when all requests made have come and been looked at. */
  arrived(): Promise<void>
  /** Breaks a client's connection; resolves when the server has noticed. */
  disconnected(client: RawClient): Promise<void>
  /** Lets time pass, and the server notice. */
  pass(milliseconds: number): void
}

export async function rawClient(port: number, secure = false): Promise<RawClient> {
  const client = await (secure ? RawClient.connectTls(port) : RawClient.connect(port))
  onTestFinished(() => client.destroy())
  return client
}

/**
 * A session opened by hand, and the server's end of it. It begins with the first request that the test makes: what the
 * test does with the stream before is done then.
 */
export async function opened(bench: {
  raw(): Promise<RawClient>
  readonly accepted: Accepted
}): Promise<{ client: RawClient; id: string; stream: Duplex }> {
  const client = await bench.raw()
  const id = await client.open()
  return { client, id, stream: bench.accepted.nextStream() }
}

/** The next bytes read from a stream, as text. */
export function read(stream: Duplex, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onReadable = (): void => {
      while (text.length < length) {
        const bytes = stream.read(Math.min(length - text.length, stream.readableLength || 1)) as Buffer | null
        if (bytes === null) return
        text += bytes.toString('latin1')
      }
      settle()
      resolve(text)
    }
    const onClose = (): void => {
      settle()
      reject(new Error(`stream ended after ${JSON.stringify(text)}`))
    }
    const settle = (): void => void stream.off('readable', onReadable).off('end', onClose).off('close', onClose)
    stream.on('readable', onReadable).on('end', onClose).on('close', onClose)
    onReadable()
  })
}

/** Resolves with the error a stream closes with, if any. */
export async function closing(stream: Duplex): Promise<NodeJS.ErrnoException | undefined> {
  // `closed` is true a moment before the event.
  if (stream.closed) await immediate()
  else await new Promise<void>(resolve => stream.once('close', () => resolve()))
  return (stream.errored as NodeJS.ErrnoException | null) ?? undefined
}

function immediate(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Gives what should not happen a chance to. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setTimeout(resolve, 1))
}
