import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { tcp } from '@rtmpipe/transport-tcp'
import { afterEach } from 'vitest'
import { type PeerAddress, type TlsConnection, type TlsListener, type TlsOptions, withTls } from '../src/index.ts'
import { pair } from './pairs.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Has `stream` destroyed after the test. */
export function kept<T extends Duplex>(stream: T): T {
  cleanups.push(() => stream.destroy())
  stream.on('error', () => {})
  return stream
}

/** A failed handshake as `onError` was told of it. */
export interface Failure {
  readonly error: Error & { readonly code?: string }
  readonly remote: PeerAddress | undefined
}

/** A TLS server over TCP that echoes, and what it has seen. */
export class EchoServer {
  static async start(options: TlsOptions = {}): Promise<EchoServer> {
    const server = new EchoServer(options)
    server.#listener = await server.transport.listen(connection => {
      server.accepted.push(connection)
      kept(connection.stream).pipe(connection.stream)
      server.#wake()
    })
    cleanups.push(() => server.#listener?.close())
    return server
  }

  readonly transport
  readonly accepted: TlsConnection[] = []
  readonly failures: Failure[] = []
  #listener: TlsListener | undefined
  #wake = (): void => {}

  private constructor(options: TlsOptions) {
    this.transport = withTls(tcp({ port: 0 }), {
      certificate: pair,
      onError: (error, remote) => {
        this.failures.push({ error, remote })
        this.#wake()
      },
      ...options,
    })
  }

  get listener(): TlsListener {
    if (this.#listener === undefined) throw new Error('not started')
    return this.#listener
  }

  get port(): number {
    return this.listener.address.port
  }

  get url(): URL {
    return new URL(`rtmps://127.0.0.1:${this.port}`)
  }

  /** Resolves when `condition` holds; looked at whenever something was accepted or failed. */
  async until(condition: (server: EchoServer) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  /** A plain TCP connection to the TLS port. */
  async plain(): Promise<Socket> {
    const socket = kept(connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true }))
    await once(socket, 'connect')
    return socket
  }

  /** Dials, sees that the echo works and gives the stream. */
  async greet(options: TlsOptions = { ca: pair.cert }): Promise<Duplex> {
    const { stream } = await withTls(tcp(), options).dial(this.url)
    await echoes(kept(stream))
    return stream
  }
}

/** A few bytes there and back. */
export async function echoes(stream: Duplex): Promise<void> {
  const reply = once(stream, 'data')
  stream.write('hello')
  const [bytes] = await reply
  if (String(bytes) !== 'hello') throw new Error(`echo said ${String(bytes)}`)
}

/** Resolves when the stream has closed. */
export async function closed(stream: Duplex): Promise<void> {
  stream.resume()
  if (!stream.closed) await new Promise(resolve => stream.once('close', resolve))
}

/** Resolves when the far end has ended or reset the connection. */
export async function hungUp(stream: Duplex): Promise<void> {
  await new Promise<void>(resolve => stream.resume().once('end', resolve).once('close', resolve))
}
