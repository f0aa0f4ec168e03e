import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { type Client, canonicalAddress, TrustedProxies } from '@rtmpipe/net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { PeerAddress, UpgradeRequest, WebSocketConnection } from '../connection.ts'
import { WebSocketError } from '../errors.ts'
import { Heartbeat } from '../node/heartbeat.ts'
import { byteStreamOf } from '../node/open.ts'
import { socketOptions, subprotocol } from '../node/socket-options.ts'
import { type AcceptOptions, atLeastOne } from '../options.ts'
import { answerPlainly, refuse } from './answer.ts'
import { Origins } from './origins.ts'

/** Told of each connection. Must not throw. */
export type Accept = (connection: WebSocketConnection) => void

/** What the server knows that connections come by. */
export interface Surroundings {
  /** Whom a request comes from. Default: by `trustProxy`. */
  clientOf?(request: IncomingMessage): Client
  /** A sentence for those that are answered 421, by whether they come by TLS. Default: none is. */
  refusal?(isEncrypted: boolean): string | undefined
}

/** Turns upgrade requests into connections, those that may; knows the open ones. */
export class Acceptor {
  readonly #accept: Accept
  readonly #path: string | undefined
  readonly #origins: Origins
  readonly #most: number
  readonly #clientOf: (request: IncomingMessage) => Client
  readonly #refusal: (isEncrypted: boolean) => string | undefined
  readonly #onError: NonNullable<AcceptOptions['onError']>
  readonly #heartbeat: Heartbeat
  readonly #handshakes = new WebSocketServer({
    ...socketOptions,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => subprotocol,
  })
  readonly #open = new Set<Duplex>()
  #isOpen = true

  /**
   * @throws WebSocketError `RTMP_ERR_WEBSOCKET_OPTION`, TrustError `RTMP_ERR_TRUST_OPTION`
   */
  constructor(accept: Accept, options: AcceptOptions = {}, server: Surroundings = {}) {
    const { path, origins, maxConnections = 20_000, pingInterval = 20_000, trustProxy, onError = ignore } = options
    this.#accept = accept
    this.#path = path === undefined ? undefined : checkedPath(path)
    this.#origins = new Origins(origins)
    this.#most = atLeastOne('maxConnections', maxConnections)
    this.#heartbeat = new Heartbeat(atLeastOne('pingInterval', pingInterval))
    const proxies = new TrustedProxies(trustProxy)
    this.#clientOf =
      server.clientOf?.bind(server) ?? (({ socket, headers }) => proxies.clientOf(socket.remoteAddress ?? '', headers))
    this.#refusal = server.refusal?.bind(server) ?? (() => undefined)
    this.#onError = onError
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Takes what is for it among the upgrades of a server. @returns stops that */
  serve(server: Server): () => void {
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (this.#isMeant(request)) this.#take(request, socket as Socket, head)
      // Others may be for them.
      else if (server.listenerCount('upgrade') === 1) {
        socket.on('error', ignore)
        answerPlainly(server, request, socket as Socket)
      }
    }
    server.on('upgrade', onUpgrade)
    return () => server.off('upgrade', onUpgrade)
  }

  /** Refuses whoever comes from now on. */
  stop(): void {
    this.#isOpen = false
  }

  /** Takes whoever comes from now on. */
  start(): void {
    this.#isOpen = true
  }

  /** Resolves when none of those that are open now is. */
  async gone(): Promise<void> {
    await Promise.all([...this.#open].map(stream => new Promise(resolve => stream.once('close', resolve))))
  }

  /** Cuts all connections. */
  destroy(): void {
    this.stop()
    for (const stream of this.#open) stream.destroy()
  }

  /** The subprotocol says that it is RTMP, whatever the path. */
  #isMeant({ headers, url = '' }: IncomingMessage): boolean {
    const [path] = url.split('?', 1)
    return (
      headers.upgrade?.toLowerCase() === 'websocket' &&
      (headers['sec-websocket-protocol'] ?? '').split(',').some(each => each.trim() === subprotocol) &&
      (this.#path === undefined || path === this.#path)
    )
  }

  #take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', ignore)
    const isEncrypted = (socket as Partial<TLSSocket>).encrypted === true
    const refusal = this.#refusal(isEncrypted)
    if (refusal !== undefined) return refuse(socket, 421, refusal)
    const { address, secure = isEncrypted } = this.#clientOf(request)
    const remote = peerOf(socket, address)
    const origin = request.headers.origin ?? request.headers['sec-websocket-origin']
    if (!this.#isOpen) return refuse(socket, 503, 'The server is going away: try again.')
    if (!this.#origins.allows(textOf(origin), request.headers.host)) {
      this.#onError(foreign(textOf(origin)), remote)
      return refuse(socket, 403, 'Pages of this origin may not connect: see the option origins of the server.')
    }
    if (this.#open.size >= this.#most) {
      const message = `more than ${this.#most} WebSockets (maxConnections)`
      this.#onError(new WebSocketError('RTMP_ERR_WEBSOCKET_CONNECTIONS', message), remote)
      return refuse(socket, 503, 'Too many connections: try again later.')
    }
    this.#handshakes.handleUpgrade(request, socket, head, opened =>
      this.#begin(opened, socket, {
        transport: secure ? 'wss' : 'ws',
        secure,
        remote,
        // A page's WebSocket reads whatever comes, also when the page does not.
        ...(origin !== undefined && { paces: false }),
        request: requestOf(request),
      }),
    )
  }

  #begin(opened: WebSocket, socket: Socket, peer: Omit<WebSocketConnection, 'stream'>): void {
    const stream = byteStreamOf(opened, this.#heartbeat, socket)
    this.#open.add(stream)
    stream.once('close', () => this.#open.delete(stream))
    this.#accept({ stream, ...peer })
  }
}

function ignore(): void {}

function checkedPath(path: string): string {
  if (typeof path === 'string' && /^\/[^?#\s]*$/.test(path)) return path
  throw new WebSocketError('RTMP_ERR_WEBSOCKET_OPTION', `path: expected a path like "/rtmp", not ${String(path)}`)
}

/** The port is that of whoever has connected, and not of whom a proxy speaks for. */
function peerOf({ remoteAddress = '', remotePort = 0 }: Socket, address: string): PeerAddress {
  return { address, port: address === (canonicalAddress(remoteAddress) ?? remoteAddress) ? remotePort : 0 }
}

function requestOf({ url = '/', headers }: IncomingMessage): UpgradeRequest {
  const texts = Object.entries(headers).map(([name, value]) => [name, textOf(value) ?? ''])
  return { url, headers: Object.fromEntries(texts) as Record<string, string> }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function foreign(origin: string | undefined): WebSocketError {
  const shown = JSON.stringify((origin ?? '').slice(0, 200))
  return new WebSocketError(
    'RTMP_ERR_WEBSOCKET_ORIGIN',
    `a page of ${shown} may not connect: if it is yours, give its origin to the option origins; if a proxy changes the header Host, have it passed on`,
  )
}
