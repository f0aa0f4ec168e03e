import type { Socket } from 'node:net'
import { httpTunnel } from '@rtmpipe/transport-http-tunnel'
import { tcp } from '@rtmpipe/transport-tcp'
import { type TlsListener, withTls } from '@rtmpipe/transport-tls'
import { type AcceptOptions, webSocket, webSocketSchemes } from '@rtmpipe/transport-websocket'
import type { Accept, OnePortConnection, PeerAddress } from './connection.ts'
import { OnePortError } from './errors.ts'
import type { HttpOfPort } from './http-of-port.ts'
import { Layer } from './layer.ts'
import { OnePortListener } from './one-port-listener.ts'
import type { OnePortOptions, PortTunnelOptions } from './options.ts'
import { Switchboard } from './switchboard.ts'
import { Switches } from './switches.ts'
import { Undecided } from './undecided.ts'

/** Options of listening and dialling. */
export interface SignalOptions {
  /** Stops accepting; or gives up dialling, or destroys the dialled connection if it already stands. */
  readonly signal?: AbortSignal
}

/** One TCP port for everything, as a `Transport` of `@rtmpipe/session`. Made by {@link onePort}. */
export class OnePort {
  readonly name = 'one-port'
  /** Of the URLs that it dials. */
  readonly schemes: readonly string[] = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', ...webSocketSchemes]
  readonly #options: OnePortOptions
  readonly #switches: Switches
  #http: HttpOfPort | undefined
  #isBound = false
  #address: PeerAddress | undefined
  /** Frees the port, while it is bound. */
  #free: (() => Promise<void>) | undefined

  /** @throws OnePortError `RTMP_ERR_ONE_PORT_OPTION` */
  constructor(options: OnePortOptions) {
    const { tls, firstBytesTimeout = 10_000, maxUndecided = 1_000 } = options
    this.#options = { ...options, firstBytesTimeout, maxUndecided, port: options.port ?? 443 }
    atLeastOne('firstBytesTimeout', firstBytesTimeout)
    atLeastOne('maxUndecided', maxUndecided)
    this.#switches = new Switches(options.protocols, tls !== undefined)
  }

  /** The bound address, with the port that the system chose when 0 was asked for; undefined while it is not bound. */
  get address(): PeerAddress | undefined {
    return this.#address
  }

  /** The address that it is to be bound to. */
  get host(): string {
    return this.#options.host ?? '127.0.0.1'
  }

  /** Options of the tunnel, as they were given. */
  get tunnel(): PortTunnelOptions {
    return this.#options.tunnel ?? {}
  }

  /** Who may connect by WebSocket, as it was given; undefined where none are taken. */
  get webSocket(): Omit<AcceptOptions, 'trustProxy' | 'onError'> | undefined {
    const switches = this.#switches
    return switches.webSocket(false) || switches.webSocket(true) ? (this.#options.webSocket ?? {}) : undefined
  }

  /** Why a WebSocket is not taken, by whether it comes by TLS; undefined if it is. */
  get refuseWebSocket(): (isEncrypted: boolean) => string | undefined {
    return isEncrypted =>
      this.#switches.webSocket(isEncrypted)
        ? undefined
        : `This port takes no WebSockets ${isEncrypted ? 'by TLS' : 'without TLS'}.`
  }

  /** Why a request is not answered: for the option of that name of the HTTP server that is given to {@link serveHttp}. */
  get refuse(): ((path: string, secure: boolean) => string | undefined) | undefined {
    const switches = this.#switches
    return switches.choosesAmongRequests ? (path, secure) => switches.refusal(path, secure) : undefined
  }

  /**
   * Has HTTP of this port served by another server than its own. The port stays bound until what this returns is called.
   *
   * @throws OnePortError `RTMP_ERR_ONE_PORT_OPTION` when it listens already
   */
  serveHttp(http: HttpOfPort): () => Promise<void> {
    if (this.#isBound || this.#http !== undefined)
      throw new OnePortError('RTMP_ERR_ONE_PORT_OPTION', 'the port has an HTTP server already, or is bound')
    this.#http = http
    return async () => this.#free?.()
  }

  /** Has the HTTP server of this port serve a connection that came elsewhere. Destroys it when there is none. */
  takeHttp(connection: Socket): void {
    if (this.#http === undefined) connection.destroy()
    else this.#http.take(connection)
  }

  /**
   * Binds. Rejects with the system's error, with CertificateError, and with what an impossible limit of the tunnel throws.
   */
  async listen(accept: Accept, { signal }: SignalOptions = {}): Promise<OnePortListener> {
    signal?.throwIfAborted()
    const { tls, firstBytesTimeout = 0, maxUndecided = 0, onError = ignore, routes } = this.#options
    const switches = this.#switches
    if (this.#http !== undefined && routes !== undefined)
      throw new OnePortError('RTMP_ERR_ONE_PORT_OPTION', 'routes: the port has an HTTP server already, add them there')
    this.#isBound = true
    const own = this.#http === undefined && (await this.#ownHttp(accept))
    const http = this.#http ?? (own || undefined)
    const undecided = new Undecided(firstBytesTimeout, maxUndecided)
    const below = tcp({ ...this.#options, onError })
    const layer = new Layer(below)
    const board = new Switchboard(
      switches,
      undecided,
      accept,
      onError,
      switches.tls ? layer.take.bind(layer) : undefined,
      http,
    )
    const secure = switches.tls && (await this.#listenInside(layer, tls, board))
    const inner = await below.listen(incoming => board.take(incoming, false))
    this.#address = inner.address
    const sessions = await http?.open(accept, inner.address)
    const free = async (): Promise<void> => {
      this.#address = undefined
      undecided.close()
      await Promise.all([inner.close(), secure && secure.close(), own && own.close()])
    }
    this.#free = free
    const close = (): void => void listener.close()
    const listener: OnePortListener = new OnePortListener(switches.schemes, inner.address, async () => {
      signal?.removeEventListener('abort', close)
      board.stop()
      const gone = board.drained()
      await sessions?.close()
      if (own !== false || http === undefined) await free()
      await gone
    })
    signal?.addEventListener('abort', close, { once: true })
    return listener
  }

  /** Connects by the scheme of `url`, as the transports of those schemes do. */
  async dial(url: URL, options: SignalOptions = {}): Promise<OnePortConnection> {
    const { tls = {}, proxy } = this.#options
    const below = tcp(this.#options)
    if (url.protocol === 'rtmps:') return withTls(below, tls).dial(url, options)
    if (url.protocol === 'rtmp:') return below.dial(url, options)
    const { ca, insecure } = tls
    const trust = { insecure, proxy, ...(ca && { ca: [ca].flat() }) }
    if (url.protocol.startsWith('rtmpt')) return httpTunnel(trust).dial(url, options)
    return webSocket(trust).dial(url, options)
  }

  /** Loaded here: who has another, or takes no HTTP, needs none of it. */
  async #ownHttp(accept: Accept): Promise<false | (HttpOfPort & { close(): Promise<void> })> {
    if (!this.#switches.http(false) && !this.#switches.http(true)) return false
    const { OwnHttp } = await import('./own-http.ts')
    return OwnHttp.make(this, this.#options, accept)
  }

  #listenInside(layer: Layer, tls: OnePortOptions['tls'], board: Switchboard): Promise<TlsListener> {
    // Who has HTTP/2 alone is refused by ALPN; clients that speak RTMP name no protocol.
    const alpn = this.#switches.http(true) ? ['http/1.1'] : undefined
    const { onError = ignore } = this.#options
    const inside = withTls(layer, { onError, ...tls, alpn })
    return inside.listen(incoming => board.take(incoming, true))
  }
}

function atLeastOne(name: string, value: number): void {
  if (typeof value === 'number' && value >= 1) return
  throw new OnePortError('RTMP_ERR_ONE_PORT_OPTION', `${name} is ${String(value)}, not a number from 1 up`)
}

function ignore(): void {}

/**
 * One TCP port that takes RTMP, RTMPE, RTMPS, RTMPT, RTMPTS, WebSockets and ordinary HTTP and HTTPS, told apart by their first bytes,
 * and inside TLS again.
 *
 * @throws OnePortError `RTMP_ERR_ONE_PORT_OPTION` for options that are none or do not go together
 */
export function onePort(options: OnePortOptions = {}): OnePort {
  return new OnePort(options)
}
