import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyServerOptions, type onRequestHookHandler } from 'fastify'
import { ProxyProtocol } from '@rtmpipe/net'
import type { PeerAddress } from '../connection.ts'
import { ignore } from '../ignore.ts'
import { atLeast } from '../limits.ts'
import type { HttpTunnelOptions } from '../options.ts'
import { secureContextProvider } from '../tls.ts'
import { ConnectionGuard } from './connection-guard.ts'
import { encrypt } from './encrypt.ts'
import { expectProxies } from './expect-proxies.ts'
import { Forwarding } from './forwarding.ts'
import { closeLateBodies } from './late-bodies.ts'
import { closeStuckConnections } from './stuck-connections.ts'
import { tellWrongPort } from './tell-wrong-port.ts'

/** Bytes of answers a connection takes before its client has read them. */
const HIGH_WATER_MARK = 64 * 1024
/** Milliseconds between two polls that a connection outlives. */
const KEEP_ALIVE_TIMEOUT = 20_000
const MAX_HEADER_LENGTH = 8 * 1024
const MAX_HEADERS = 50
/** Milliseconds for requests that are under way to come to an end, once the server closes. */
const GRACE = 1_000

/** Where an HTTP server listens, and what its connections may cost. */
export interface HttpServerOptions
  extends Pick<
    HttpTunnelOptions,
    | 'host'
    | 'port'
    | 'fd'
    | 'tls'
    | 'maxConnections'
    | 'maxConnectionsPerAddress'
    | 'headersTimeout'
    | 'trustProxy'
    | 'proxyProtocol'
    | 'onError'
  > {
  /** Of fastify, beside the server that it serves with. */
  readonly fastify?: Pick<FastifyServerOptions, 'bodyLimit' | 'frameworkErrors' | 'routerOptions'>
  /** A sentence for requests that are answered 421 instead, by their path and whether they come by TLS. Default: none is. */
  readonly refuse?: ((path: string, secure: boolean) => string | undefined) | undefined
  /** In a process of a cluster: bind here and share the port with nobody. Default false. */
  readonly exclusive?: boolean
}

/** A fastify instance on an HTTP or HTTPS server that bounds what its connections may cost. */
export class HttpServer {
  /** True when it speaks TLS. */
  readonly secure: boolean
  readonly #app: FastifyInstance
  readonly #server: Server
  readonly #connections: ConnectionGuard
  readonly #proxies: ProxyProtocol | undefined
  readonly #options: HttpServerOptions
  #closed: Promise<void> | undefined

  private constructor(
    app: FastifyInstance,
    server: Server,
    connections: ConnectionGuard,
    proxies: ProxyProtocol | undefined,
    options: HttpServerOptions,
  ) {
    this.secure = options.tls !== undefined
    this.#app = app
    this.#server = server
    this.#connections = connections
    this.#proxies = proxies
    this.#options = options
  }

  /**
   * Makes one that does not listen yet.
   *
   * @param build registers the routes
   * @throws TunnelError `RTMP_ERR_TUNNEL_OPTION` for impossible limits, TrustError `RTMP_ERR_TRUST_OPTION` for what names no
   *   proxies
   */
  static async make(
    options: HttpServerOptions,
    build: (app: FastifyInstance, forwarding: Forwarding) => unknown,
  ): Promise<HttpServer> {
    const { tls, trustProxy, proxyProtocol, onError = ignore } = options
    const forwarding = new Forwarding(trustProxy, onError)
    const proxies = proxyProtocol && new ProxyProtocol(proxyProtocol)
    const { maxConnections = 20_000, maxConnectionsPerAddress = 4_000, headersTimeout = 5_000 } = options
    atLeast(1, 'headersTimeout', headersTimeout)
    let server: Server | undefined
    const app = fastify({
      ...options.fastify,
      // What `Forwarding` has settled has no more than one address.
      ...(trustProxy !== undefined && { trustProxy: (address, hop) => hop === 0 && forwarding.trusts(address) }),
      serverFactory: (handler: RequestListener) => {
        const connectionsCheckingInterval = Math.min(1_000, headersTimeout)
        return (server = createServer({ ...SERVER_OPTIONS, headersTimeout, connectionsCheckingInterval }, handler))
      },
    })
    if (options.refuse !== undefined) app.addHook('onRequest', refusing(options.refuse))
    await build(app, forwarding)
    await app.ready()
    if (server === undefined) throw new Error('fastify made no server')
    server.maxHeadersCount = MAX_HEADERS
    closeStuckConnections(server)
    closeLateBodies(server)
    tellWrongPort(server, onError)
    server.maxConnections = atLeast(1, 'maxConnections', maxConnections)
    if (tls !== undefined) encrypt(server, secureContextProvider(tls), HIGH_WATER_MARK, onError)
    const perAddress = atLeast(1, 'maxConnectionsPerAddress', maxConnectionsPerAddress)
    const connections = new ConnectionGuard(server, perAddress, address => forwarding.trusts(address))
    if (proxies !== undefined) expectProxies(server, proxies, onError)
    return new HttpServer(app, server, connections, proxies, options)
  }

  /** Binds. @throws the system's error (`EADDRINUSE`, …), or the reason of the signal */
  async listen(signal?: AbortSignal): Promise<void> {
    const { host = '127.0.0.1', port = 8080, fd, exclusive = false, onError = ignore } = this.#options
    try {
      // A descriptor is the primary's in a cluster, and is listened on there.
      this.#server.listen(fd === undefined ? { host, port, exclusive } : { fd })
      await once(this.#server, 'listening', signal && { signal })
    } catch (error) {
      this.#server.close()
      signal?.throwIfAborted()
      throw error
    }
    this.#server.on('error', onError)
  }

  /** Instead of {@link HttpServer.listen}: connections are given to it by {@link HttpServer.take}. */
  begin(): void {
    // Node looks after slow heads from this event on.
    this.#server.emit('listening')
  }

  /** Serves one connection that was accepted elsewhere; encrypted, if it is a TLSSocket. */
  take(connection: Socket): void {
    this.#server.emit('connection', connection)
  }

  /** The bound address, with the port the system chose when 0 was asked for; it must be listening. */
  get address(): PeerAddress {
    const { address, port } = this.#server.address() as AddressInfo
    return { address, port }
  }

  /** Answers a request that came another way, as if it had come by the port. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#server.emit('request', request, response)
  }

  /** Frees the port; resolves when all connections have closed, which requests under way may hold up by a second. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    // The answer to the last request leaves in this turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
    const timer = setTimeout(() => this.#connections.destroy(), GRACE)
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#proxies?.close()
    await Promise.all([this.#app.close(), closed, this.#connections.gone()])
    clearTimeout(timer)
  }
}

function refusing(refuse: NonNullable<HttpServerOptions['refuse']>): onRequestHookHandler {
  return (request, reply, done) => {
    const sentence = refuse(request.raw.url ?? '', request.protocol === 'https')
    if (sentence === undefined) return done()
    // The rest of the request is not read.
    void reply.code(421).header('Connection', 'close').type('text/plain').send(`${sentence}\n`)
  }
}

/** A body has no deadline here: sessions have one, and a reader that does not keep up may make it last. */
const SERVER_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
  requestTimeout: 0,
  maxHeaderSize: MAX_HEADER_LENGTH,
  highWaterMark: HIGH_WATER_MARK,
}
