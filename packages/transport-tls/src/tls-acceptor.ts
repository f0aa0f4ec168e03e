import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { copyRemote } from '@rtmpipe/net'
import type { TlsOptions } from './options.ts'
import type { ServerContext } from './server-context.ts'
import { ignore, isAlert, ServerHandshake } from './server-handshake.ts'
import { TlsError } from './tls-error.ts'
import type { InnerConnection, PeerAddress, TlsConnection } from './transport.ts'

/** Takes plain connections and hands on encrypted ones; a peer that fails harms only itself. */
export class TlsAcceptor {
  readonly #context: ServerContext
  readonly #options: TlsOptions
  readonly #accept: (connection: TlsConnection) => void
  /** Oldest first. */
  readonly #handshakes = new Set<ServerHandshake>()
  readonly #open = new Set<Duplex>()
  #stopped = false

  constructor(context: ServerContext, options: TlsOptions, accept: (connection: TlsConnection) => void) {
    this.#context = context
    this.#options = options
    this.#accept = accept
  }

  /** Shakes hands with a peer of the transport below. */
  take({ stream, remote }: InnerConnection): void {
    const { handshakeTimeout: timeout = 10_000, maxHandshakes = 1000, alpn, onError = ignore } = this.#options
    if (this.#stopped || stream.destroyed) {
      stream.destroy()
      return
    }
    if (this.#handshakes.size >= maxHandshakes) this.#giveUpOldest(maxHandshakes)
    const handshake = new ServerHandshake(stream, {
      contextFor: hello => this.#context.current(hello),
      timeout,
      alpn,
    })
    this.#handshakes.add(handshake)
    handshake.done.then(
      socket => {
        this.#handshakes.delete(handshake)
        copyRemote(stream, socket)
        this.#hand(socket, remote)
      },
      (error: Error) => {
        this.#handshakes.delete(handshake)
        if (!this.#stopped) onError(error, remote)
      },
    )
  }

  /** Takes no more and ends the handshakes under way; open connections live on. */
  stop(): void {
    this.#stopped = true
    for (const handshake of this.#handshakes) handshake.abort()
  }

  /** Resolves when every connection handed on has closed. Call it after {@link stop}. */
  async drained(): Promise<void> {
    await Promise.all([...this.#open].map(stream => new Promise(resolve => stream.once('close', resolve))))
  }

  #hand(stream: TLSSocket, remote: PeerAddress): void {
    if (this.#stopped || stream.destroyed) {
      stream.destroy()
      return
    }
    this.#open.add(stream)
    const { onError = ignore } = this.#options
    // With TLS 1.3 a client has shaken hands before it says that it does not accept the certificate.
    stream.on('_tlsError', (error: Error) => {
      if (isAlert(error)) onError(error, remote)
    })
    stream.once('close', () => this.#open.delete(stream))
    this.#accept({ stream, transport: 'rtmps', secure: true, remote })
  }

  /** The oldest has had the longest to finish: peers that stall make room for those that do not. */
  #giveUpOldest(limit: number): void {
    const [oldest] = this.#handshakes
    if (oldest === undefined) return
    this.#handshakes.delete(oldest)
    oldest.abort(new TlsError('RTMP_ERR_TLS_HANDSHAKE_LIMIT', `more than ${limit} TLS handshakes under way`))
  }
}
