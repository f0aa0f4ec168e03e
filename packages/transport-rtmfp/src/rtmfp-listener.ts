import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type RtmfpConnection, connectionOf } from './connection.ts'
import type { EndpointUsage, Introduction } from './contract/endpoint.ts'
import type { OpenSession } from './contract/session.ts'
import { DatagramSocket } from './datagram-socket.ts'
import { ignore } from './ignore.ts'
import type { RtmfpOptions } from './options.ts'
import type { Endpoint } from './wire/address.ts'

/** How to listen. */
export interface RtmfpListenOptions {
  /** Aborting it opens no more sessions; those that are open live on. */
  readonly signal?: AbortSignal
  /**
   * Whether `asking` may be told where `wanted` is, and the other way round, and which addresses `wanted` has reported of
   * itself. Strangers, who have no connection here, are not asked for. Default nobody may.
   */
  readonly introduce?: (
    wanted: RtmfpConnection,
    asking: RtmfpConnection,
  ) => Promise<Introduction | undefined> | Introduction | undefined
}

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
  constructor(
    socket: DatagramSocket,
    accept: (connection: RtmfpConnection) => void,
    introduce?: RtmfpListenOptions['introduce'],
  ) {
    this.#socket = socket
    this.address = socket.address
    const connections = new WeakMap<OpenSession, RtmfpConnection>()
    if (introduce !== undefined)
      socket.endpoint.onIntroduce = (wanted, asking) => {
        const [found, other] = [connections.get(wanted), connections.get(asking)]
        return found && other && introduce(found, other)
      }
    socket.endpoint.onSession = session => {
      const connection = connectionOf(session)
      connections.set(session, connection)
      this.#open.add(connection)
      connection.messages.on('error', ignore)
      connection.messages.once('close', () => {
        this.#open.delete(connection)
        connections.delete(session)
        if (this.#open.size === 0) this.#whenEmpty?.()
      })
      accept(connection)
    }
  }

  /** What its sessions keep at the moment. */
  get usage(): EndpointUsage {
    return this.#socket.endpoint.usage
  }

  /** Opens no more sessions; resolves when every connection accepted here has closed, and its far end knows. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#socket.endpoint.stop()
    if (this.#open.size > 0) await new Promise<void>(resolve => (this.#whenEmpty = resolve))
    await this.#socket.end()
  }
}

/** Binds; rejects with the system's error. Aborting `signal` later closes the listener. */
export async function listen(
  {
    host = '127.0.0.1',
    port = 1935,
    reusePort = false,
    groups,
    requireHmac = false,
    limits,
    onError = ignore,
    onKeys,
  }: RtmfpOptions,
  accept: (connection: RtmfpConnection) => void,
  { signal, introduce }: RtmfpListenOptions,
): Promise<RtmfpListener> {
  signal?.throwIfAborted()
  const given = { ...(groups && { groups }), ...(limits && { limits }) }
  const address = isIP(host) === 0 ? (await lookup(host)).address : host
  const socket = await DatagramSocket.bind({
    certificate: 'ephemeral',
    host: address,
    port,
    reusePort,
    requireHmac,
    onError,
    onKeys,
    ...given,
  })
  if (signal?.aborted === true) {
    socket.close()
    throw signal.reason
  }
  const listener = new RtmfpListener(socket, accept, introduce)
  signal?.addEventListener('abort', () => void listener.close(), { once: true })
  return listener
}
