import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { once } from 'node:events'
import { ProxyProtocol } from '@rtmpipe/net'
import type { PeerAddress } from './peer-address.ts'
import { type TcpConnection, connectionOf } from './connection.ts'
import { withLending } from './lending-socket.ts'
import { SOCKET_OPTIONS, type TcpOptions } from './options.ts'

/** A bound server socket and what was accepted on it. */
export class TcpListener {
  readonly scheme = 'rtmp'
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: PeerAddress
  readonly #server: Server
  readonly #accept: (connection: TcpConnection) => void
  readonly #options: TcpOptions
  readonly #proxies: ProxyProtocol | undefined
  readonly #open = new Set<Socket>()
  #closed: Promise<void> | undefined

  /** `server` must be listening; made by {@link listen}. */
  constructor(
    server: Server,
    accept: (connection: TcpConnection) => void,
    options: TcpOptions,
    proxies: ProxyProtocol | undefined,
  ) {
    const { address, port } = server.address() as AddressInfo
    this.address = { address, port }
    this.#server = server
    this.#accept = accept
    this.#options = options
    this.#proxies = proxies
    server.on('connection', socket => this.#onConnection(socket))
  }

  /** Stops accepting; resolves when every connection accepted here has closed. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #onConnection(accepted: Socket): void {
    const socket = withLending(accepted)
    socket.on('error', ignore)
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    if (this.#proxies === undefined) this.#hand(socket)
    else
      this.#proxies.arrive(socket, (error, remote) => {
        if (error === undefined) this.#hand(socket)
        else this.#options.onError?.(error, remote)
      })
  }

  #hand(socket: Socket): void {
    const connection = connectionOf(socket)
    if (connection === undefined) socket.destroy()
    else this.#accept(connection)
  }

  async #close(): Promise<void> {
    this.#proxies?.close()
    // The server counts a socket as gone when it is destroyed; its 'close' comes later and is what we promise.
    const open = [...this.#open].map(socket => new Promise(resolve => socket.once('close', resolve)))
    await Promise.all([new Promise(resolve => this.#server.close(resolve)), ...open])
  }
}

/** Binds; rejects with the system's error. Aborting `signal` later closes the listener. */
export async function listen(
  options: TcpOptions,
  accept: (connection: TcpConnection) => void,
  signal: AbortSignal | undefined,
): Promise<TcpListener> {
  const { host = '127.0.0.1', port = 1935, backlog = 511, maxConnections, proxyProtocol, onError = ignore } = options
  const proxies = proxyProtocol && new ProxyProtocol(proxyProtocol)
  signal?.throwIfAborted()
  const server = createServer(SOCKET_OPTIONS)
  if (maxConnections !== undefined) server.maxConnections = maxConnections
  try {
    server.listen({ host, port, backlog })
    await once(server, 'listening', signal && { signal })
  } catch (error) {
    server.close()
    signal?.throwIfAborted()
    throw error
  }
  server.on('error', error => onError(error))
  const listener = new TcpListener(server, accept, options, proxies)
  const close = (): void => void listener.close()
  signal?.addEventListener('abort', close, { once: true })
  server.once('close', () => signal?.removeEventListener('abort', close))
  return listener
}

/** A reset is seen by whoever uses the stream; with nobody there it must not end the process. */
export function ignore(): void {}
