import type { Duplex } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { TlsError } from './tls-error.ts'
import { nodeTls } from './node-tls.ts'

/** The server's side of one TLS handshake. */
export class ServerHandshake {
  /** The encrypted connection; rejects when the handshake failed, and then the stream is destroyed. */
  readonly done: Promise<TLSSocket>
  readonly #socket: TLSSocket

  /** `timeout` is in milliseconds. */
  constructor(stream: Duplex, secureContext: SecureContext, timeout: number) {
    const socket = new (nodeTls().TLSSocket)(stream, { isServer: true, secureContext, requestCert: false })
    this.#socket = socket
    this.done = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.abort(timedOut(timeout)), timeout)
      socket.once('close', () => {
        clearTimeout(timer)
        stream.destroy()
        // Of no consequence once resolved.
        reject(socket.errored ?? closedEarly())
      })
      // Without a `tls.Server` these are the events there are; they are as old as TLSSocket.
      let isDone = false
      socket.once('secure', () => {
        isDone = true
        clearTimeout(timer)
        socket.off('end', hangUp)
        resolve(socket)
      })
      // Broken records and alerts after the handshake are told by this event alone. An alert is how a client leaves.
      socket.on('_tlsError', (error: Error) => socket.destroy(isDone && isAlert(error) ? undefined : error))
      const hangUp = (): void => this.abort(closedEarly())
      socket.once('end', hangUp)
      socket.on('error', ignore)
      stream.on('error', ignore)
    })
  }

  /** Gives up. */
  abort(reason?: Error): void {
    this.#socket.destroy(reason)
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
