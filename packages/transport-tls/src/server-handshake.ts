import type { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { beginningOfTls, type ClientHello, peek, tlsPortAnswer, WrongPortError } from '@rtmpipe/net'
import { TlsError } from './tls-error.ts'
import { nodeTls } from './node-tls.ts'

/** How to shake hands. */
export interface ServerHandshakeOptions {
  /** The context for a client that begins so. */
  contextFor(hello: ClientHello): SecureContext
  /** Milliseconds from the first byte that is waited for to the end of the handshake. */
  readonly timeout: number
  /** Offered by ALPN (RFC 7301). */
  readonly alpn?: readonly string[] | undefined
}

/** The server's side of one TLS handshake. */
export class ServerHandshake {
  /** The encrypted connection; rejects when the handshake failed, and then the stream is destroyed. */
  readonly done: Promise<TLSSocket>
  readonly #stream: Duplex
  readonly #options: ServerHandshakeOptions
  readonly #timer: NodeJS.Timeout
  #socket: TLSSocket | undefined
  #resolve: (socket: TLSSocket) => void = () => {}
  #reject: (error: Error) => void = () => {}
  /** While the hello is waited for. */
  #stopPeeking: () => void = () => {}

  constructor(stream: Duplex, options: ServerHandshakeOptions) {
    this.#stream = stream
    this.#options = options
    stream.on('error', ignore)
    this.#timer = setTimeout(() => this.abort(timedOut(options.timeout)), options.timeout)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#stopPeeking = peek(
      stream,
      bytes => beginningOfTls(bytes, 'RTMPS'),
      hello => this.#begin(hello),
    )
  }

  /** Gives up. */
  abort(reason?: Error): void {
    this.#stopPeeking()
    if (this.#socket === undefined) this.#fail(reason ?? closedEarly())
    else this.#socket.destroy(reason)
  }

  #begin(hello: ClientHello | WrongPortError | undefined): void {
    if (this.#stream.destroyed && this.#stream.errored) return this.#fail(this.#stream.errored)
    if (hello === undefined || this.#stream.destroyed) return this.#fail(closedEarly())
    if (hello instanceof WrongPortError) {
      // A browser that was given http: for https: shows it.
      if (hello.spoken === 'http') this.#stream.write(tlsPortAnswer)
      return this.#fail(hello)
    }
    try {
      this.#shakeHands(this.#options.contextFor(hello))
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #shakeHands(secureContext: SecureContext): void {
    const { alpn } = this.#options
    const socket = new (nodeTls().TLSSocket)(this.#stream, {
      isServer: true,
      secureContext,
      requestCert: false,
      ...(alpn && { ALPNProtocols: [...alpn] }),
    })
    this.#socket = socket
    socket.once('close', () => {
      // Of no consequence once resolved.
      this.#fail(socket.errored ?? closedEarly())
    })
    // Without a `tls.Server` these are the events there are; they are as old as TLSSocket.
    let isDone = false
    socket.once('secure', () => {
      isDone = true
      clearTimeout(this.#timer)
      socket.off('end', hangUp)
      this.#resolve(socket)
    })
    // Broken records and alerts after the handshake are told by this event alone. An alert is how a client leaves.
    socket.on('_tlsError', (error: Error) => socket.destroy(isDone && isAlert(error) ? undefined : error))
    const hangUp = (): void => this.abort(closedEarly())
    socket.once('end', hangUp)
    socket.on('error', ignore)
  }

  #fail(error: Error): void {
    clearTimeout(this.#timer)
    this.#stream.destroy()
    this.#reject(error)
  }
}

/** True of what the peer itself has said (RFC 8446 §6). */
export function isAlert({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^ERR_SSL_.*ALERT_/.test(code)
}

/** Said by server and client alike. */
export function timedOut(timeout: number): TlsError {
  return new TlsError('RTMP_ERR_TLS_HANDSHAKE_TIMEOUT', `no TLS handshake within ${timeout} ms`)
}

/** Said by server and client alike. */
export function closedEarly(): TlsError {
  return new TlsError('RTMP_ERR_TLS_HANDSHAKE_CLOSED', 'peer closed the connection during the TLS handshake')
}

/** Errors are seen by whoever uses the stream; with nobody there they must not end the process. */
export function ignore(): void {}
