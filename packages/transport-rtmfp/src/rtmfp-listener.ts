import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type RtmfpConnection, connectionOf } from './connection.ts'
import { DatagramSocket } from './datagram-socket.ts'
import type { RtmfpOptions } from './options.ts'
import type { Endpoint } from './wire/address.ts'

/** A bound UDP port and the sessions that were opened to it. */
export class RtmfpListener {
  readonly scheme = 'rtmfp'
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: Endpoint
  readonly #socket: DatagramSocket
  readonly #open = new Set<RtmfpConnection>()
  #closed: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  /** Made by {@link listen}. */
  constructor(socket: DatagramSocket, accept: (connection: RtmfpConnection) => void) {
    this.#socket = socket
    this.address = socket.address
    socket.endpoint.onSession = session => {
      const connection = connectionOf(session)
      this.#open.add(connection)
      connection.messages.on('error', ignore)
      connection.messages.once('close', () => {
        this.#open.delete(connection)
        if (this.#open.size === 0) this.#whenEmpty?.()
      })
      accept(connection)
    }
  }

  /** Opens no more sessions; resolves when every connection accepted here has closed. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#socket.endpoint.stop()
    if (this.#open.size > 0) await new Promise<void>(resolve => (this.#whenEmpty = resolve))
    this.#socket.end()
  }
}

/** Binds; rejects with the system's error. Aborting `signal` later closes the listener. */
export async function listen(
  { host = '127.0.0.1', port = 1935, reusePort = false, groups, limits, onError = ignore }: RtmfpOptions,
  accept: (connection: RtmfpConnection) => void,
  signal: AbortSignal | undefined,
): Promise<RtmfpListener> {
  signal?.throwIfAborted()
  const given = { ...(groups && { groups }), ...(limits && { limits }) }
  const address = isIP(host) === 0 ? (await lookup(host)).address : host
  const socket = await DatagramSocket.bind({
    certificate: 'ephemeral',
    host: address,
    port,
    reusePort,
    onError,
    ...given,
  })
  if (signal?.aborted === true) {
    socket.close()
    throw signal.reason
  }
  const listener = new RtmfpListener(socket, accept)
  signal?.addEventListener('abort', () => void listener.close(), { once: true })
  return listener
}

/** A session's end is seen by whoever uses it; with nobody there it must not end the process. */
export function ignore(): void {}
