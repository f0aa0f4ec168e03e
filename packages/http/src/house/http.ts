import type { IncomingMessage, ServerResponse } from 'node:http'
import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions, type Host, type Plugin, type Transport } from '@rtmpipe/session'
import type { OnePort } from '@rtmpipe/transport-one-port'
import type { HttpServer, HttpServerOptions } from '@rtmpipe/transport-http-tunnel/server'
import type { Mount } from '../mount.ts'
import { type HouseOptions, houseOptions, ServerHouse } from './server-house.ts'
import { HouseTunnel, type TunnelOptions, type TunnelTransport } from './tunnel.ts'
import { HouseWebSocket, type WebSocketAcceptOptions } from './web-socket.ts'

/** Options of {@link http}. */
export interface HttpOptions extends HouseOptions, Omit<HttpServerOptions, 'fastify' | 'exclusive' | 'refuse'> {
  /**
   * In a process of a cluster: share the port with the others, each of which gets some of the connections. Default false:
   * bind it here.
   */
  readonly shared?: boolean
  /** What is reachable, beside the tunnel. Default nothing. */
  readonly mount?: readonly Mount[]
  /**
   * A house that several ports share: its tokens, sessions and reports. It is a plugin as well, before these. Default: a
   * house of its own.
   */
  readonly house?: ServerHouse
  /**
   * The port that requests come by, in clear and by TLS, instead of one of its own: a transport of the same server, whose
   * tunnel and WebSockets are in this house then.
   */
  readonly onePort?: OnePort | undefined
}

const known: Record<keyof HttpOptions, true> = {
  ...houseOptions,
  host: true,
  port: true,
  fd: true,
  tls: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  headersTimeout: true,
  trustProxy: true,
  proxyProtocol: true,
  onError: true,
  shared: true,
  mount: true,
  house: true,
  onePort: true,
}

/** An HTTP port of a server: a plugin. Made by {@link http}. */
export interface HttpPlugin extends Plugin {
  /** What its mounts are given. */
  readonly house: ServerHouse
  /** The bound address, with the port the system chose when 0 was asked for; undefined while it is not bound. */
  readonly address: { readonly address: string; readonly port: number } | undefined
  /**
   * RTMPT on this port, RTMPTS with `tls`: a transport of the same server. Call it once.
   *
   * @param options limits of sessions, those that differ from the defaults; and with several processes, which one this is
   */
  tunnel(options?: TunnelOptions): TunnelTransport
  /**
   * RTMP over WebSocket on this port, at any path, which is the application: a transport of the same server. Call it once.
   *
   * @param options default: pages of the same host and port may connect, and programs
   */
  webSocket(options?: WebSocketAcceptOptions): Transport
  /** Answers a request that came another way, as if it had come by the port; 503 while that is not bound. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
}

/**
 * One HTTP port for whatever is mounted, as a plugin. The port is bound when the plugins are set up: when that fails,
 * `listen()` does, with the system's error as the `cause` of its PluginError. It is open until the server has closed, also
 * while it drains.
 *
 * @example
 * ```ts
 * const web = http({ port: 8080, token: process.env.ADMIN_TOKEN, mount: [health()] })
 * const server = createServer({ transports: [tcp(), web.tunnel()], plugins: [web] })
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist or do not go together
 */
export function http(options: HttpOptions = {}): HttpPlugin {
  checkOptions('http()', options, known)
  const { mount = [], house: shared, onePort } = options
  checkMounts(mount)
  checkPort(options)
  const house = shared ?? new ServerHouse(ownOptions(options))
  const { hooks } = house
  let tunnel: HouseTunnel | undefined
  let webSocket: HouseWebSocket | undefined
  let server: HttpServer | undefined
  let isBound = false
  let freePort: (() => Promise<void>) | undefined
  return {
    name: 'http',
    ...(shared === undefined && hooks),
    house,
    get address() {
      return onePort === undefined ? (isBound ? server?.address : undefined) : onePort.address
    },
    answer(request, response) {
      if (isBound && server !== undefined) server.answer(request, response)
      else response.writeHead(503, { Connection: 'close' }).end()
    },
    tunnel(tunnelOptions) {
      if (onePort !== undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'tunnel(): sessions come by onePort(), which is the transport of all')
      if (tunnel !== undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'tunnel() was called already: once for each http()')
      tunnel = new HouseTunnel({ ...tunnelOptions, onError: options.onError })
      return tunnel
    },
    webSocket(acceptOptions) {
      if (onePort !== undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'webSocket(): they come by onePort(), which is the transport of all')
      if (webSocket !== undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'webSocket() was called already: once for each http()')
      webSocket = new HouseWebSocket({ ...acceptOptions, onError: options.onError })
      return webSocket
    },
    async setup(given: Host) {
      if (server !== undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'this http() belongs to a server already: make another for this one')
      if (shared === undefined) await hooks.setup?.(given)
      try {
        // Fastify takes a while to load: only who listens waits for it.
        const { openHouse } = await import('./open-house.ts')
        const { onError } = options
        if (onePort !== undefined) {
          tunnel = new HouseTunnel({ ...onePort.tunnel, onError })
          const { webSocket: ofPort, refuseWebSocket } = onePort
          webSocket = ofPort && new HouseWebSocket({ ...ofPort, onError }, refuseWebSocket)
        }
        const exclusive = options.shared !== true
        server = await openHouse({ ...options, exclusive, refuse: onePort?.refuse }, mount, house, tunnel, webSocket)
        if (onePort === undefined) await server.listen(given.signal)
        else freePort = serveAt(onePort, server, tunnel as HouseTunnel, webSocket)
        isBound = true
      } catch (error) {
        await close()
        throw error
      }
      if (onePort === undefined) for (const each of [tunnel, webSocket]) each?.open(server)
      warn(given, onePort ?? options, house)
    },
    onClose: close,
  }

  async function close(): Promise<void> {
    tunnel?.destroy()
    webSocket?.destroy()
    isBound = false
    const closing = server?.close()
    server = undefined
    await Promise.all([closing, freePort?.()])
    if (shared === undefined) await hooks.onClose?.()
  }
}

/** Requests come by a port that the server binds later. @returns frees it */
function serveAt(
  port: OnePort,
  server: HttpServer,
  tunnel: HouseTunnel,
  webSocket: HouseWebSocket | undefined,
): () => Promise<void> {
  server.begin()
  return port.serveHttp({
    take: connection => server.take(connection),
    open: async (accept, address) => {
      const transports = webSocket === undefined ? [tunnel] : [tunnel, webSocket]
      for (const transport of transports) transport.open({ secure: false, address })
      const listeners = await Promise.all(transports.map(transport => transport.listen(accept)))
      return { close: async () => void (await Promise.all(listeners.map(listener => listener.close()))) }
    },
  })
}

function checkPort({ onePort, ...options }: HttpOptions): void {
  if (onePort === undefined) return
  for (const name of ['host', 'port', 'fd', 'tls', 'maxConnections', 'proxyProtocol'] as const)
    if (options[name] !== undefined)
      throw new UsageError('RTMP_ERR_USAGE', `http(): ${name} is an option of onePort() where there is one`)
}

/** For those without a compiler. */
function checkMounts(mounts: unknown): void {
  // What makes a mount is a function too, but asks for no server.
  const isMount = (mount: unknown) => typeof mount === 'function' && mount.length > 0
  if (Array.isArray(mounts) && mounts.every(isMount)) return
  throw new UsageError(
    'RTMP_ERR_USAGE',
    'http(): mount should be a list like [health(), api()]: each of them is called',
  )
}

function ownOptions(options: HttpOptions): HouseOptions {
  const names = Object.keys(houseOptions) as (keyof HouseOptions)[]
  return Object.fromEntries(names.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]]])))
}

function warn(
  { log }: Host,
  { host = '127.0.0.1', tls }: Pick<HttpOptions, 'host' | 'tls'>,
  { access }: ServerHouse,
): void {
  if (!access.isNeeded) return
  if (access.isClosed) log.warn({}, 'there is no token, so what needs one is closed: give http() the option token')
  else if (tls === undefined && !isLoopback(host))
    log.warn(
      { host },
      'whoever reads along learns the admin token: use the port with TLS, or put a proxy that speaks TLS before this one',
    )
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\..*|::1)$/i.test(host)
}
