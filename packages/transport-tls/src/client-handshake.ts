import { isIP } from 'node:net'
import { type Duplex, addAbortSignal } from 'node:stream'
import type { SecureContext, TLSSocket } from 'node:tls'
import { closedEarly, ignore, timedOut } from './server-handshake.ts'
import { nodeTls } from './node-tls.ts'

/** How a client shakes hands. */
export interface ClientHandshakeOptions {
  readonly secureContext: SecureContext
  /** Name or IP address the peer's certificate must be for. */
  readonly host: string
  readonly verify: boolean
  /** Milliseconds. */
  readonly timeout: number
  /** Gives up, or destroys the connection once it stands. */
  readonly signal: AbortSignal | undefined
}

/** The client's side of one TLS handshake; rejects when it failed, and then the stream is destroyed. */
export async function clientHandshake(stream: Duplex, options: ClientHandshakeOptions): Promise<TLSSocket> {
  const { secureContext, host, verify, timeout, signal } = options
  stream.on('error', ignore)
  // RFC 6066 §3: a server name is never an IP address. It is verified all the same.
  const name = isIP(host) ? { host } : { host, servername: host }
  const socket = nodeTls().connect({ socket: stream, secureContext, rejectUnauthorized: verify, ...name })
  socket.on('error', ignore)
  if (signal !== undefined) addAbortSignal(signal, socket)
  const timer = setTimeout(() => socket.destroy(timedOut(timeout)), timeout)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('close', () => {
        stream.destroy()
        reject(socket.errored ?? closedEarly())
      })
    })
    return socket
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
