import { checkOptions, type Transport, withLimits } from '@rtmpipe/session'
import { type HttpTunnelOptions as TunnelOptions, httpTunnel as tunnel } from '@rtmpipe/transport-http-tunnel'
import { type OnePort, onePort as plainOnePort, type OnePortOptions } from '@rtmpipe/transport-one-port'
import {
  defaultEndpointLimits,
  rtmfp as plainRtmfp,
  type RtmfpOptions,
  type RtmfpTransport,
} from '@rtmpipe/transport-rtmfp'
import { tcp as plainTcp, type TcpOptions, type TcpTransport } from '@rtmpipe/transport-tcp'
import { secureContexts, type TlsOptions, withTls } from '@rtmpipe/transport-tls'
import {
  webSocket as plainWebSocket,
  type WebSocketOptions as PlainWebSocketOptions,
} from '@rtmpipe/transport-websocket'

// Records, so that the compiler finds an option that is missing here.
const tcpOptions: Record<keyof TcpOptions, true> = {
  host: true,
  port: true,
  backlog: true,
  maxConnections: true,
  connectTimeout: true,
  proxyProtocol: true,
  proxy: true,
  onError: true,
}

/** All options of TLS there are. */
export const tlsOptions: Record<keyof TlsOptions, true> = {
  certificate: true,
  ca: true,
  insecure: true,
  servername: true,
  minVersion: true,
  maxVersion: true,
  compat: true,
  ciphers: true,
  handshakeTimeout: true,
  maxHandshakes: true,
  alpn: true,
  onError: true,
}

const tunnelOptions: Record<keyof TunnelOptions, true> = {
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
  ca: true,
  insecure: true,
  connectTimeout: true,
  proxy: true,
  maxSessions: true,
  maxSessionsPerAddress: true,
  maxPending: true,
  maxBodyLength: true,
  maxReplyLength: true,
  maxBufferedBytes: true,
  maxParkedRequests: true,
  gapTimeout: true,
  openTimeout: true,
  idleTimeout: true,
  bodyTimeout: true,
  idleHold: true,
  mergeWindow: true,
}

const webSocketOptions: Record<keyof PlainWebSocketOptions, true> = {
  host: true,
  port: true,
  path: true,
  origins: true,
  tls: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  headersTimeout: true,
  pingInterval: true,
  trustProxy: true,
  proxyProtocol: true,
  onError: true,
  ca: true,
  insecure: true,
  headers: true,
  connectTimeout: true,
  proxy: true,
}

const onePortOptions: Record<keyof OnePortOptions, true> = {
  ...tcpOptions,
  tls: true,
  protocols: true,
  firstBytesTimeout: true,
  maxUndecided: true,
  tunnel: true,
  webSocket: true,
  trustProxy: true,
  routes: true,
}

const rtmfpOptions: Record<keyof RtmfpOptions, true> = {
  host: true,
  port: true,
  reusePort: true,
  groups: true,
  requireHmac: true,
  limits: true,
  connectTimeout: true,
  onError: true,
  onKeys: true,
}

/** RTMP over TCP. `port` is 1935 unless given. @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist */
export function tcp(options: TcpOptions = {}): TcpTransport {
  checkOptions('tcp()', options, tcpOptions)
  return plainTcp(options)
}

/**
 * RTMPS: TLS over TCP. Options of both; `port` is 1936 unless given.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist
 */
export function tls(options: TcpOptions & TlsOptions): Transport {
  checkOptions('tls()', options, { ...tcpOptions, ...tlsOptions })
  return withTls(plainTcp({ ...options, port: options.port ?? 1936 }), options)
}

/** Those of the tunnel, with TLS as {@link tls} takes it. */
export interface HttpTunnelOptions extends Omit<TunnelOptions, 'tls'> {
  /** Listen for HTTPS, which makes it RTMPTS. */
  readonly tls?: TlsOptions
}

/**
 * RTMPT, RTMP through HTTP POST; RTMPTS with `tls`. `port` is 8080 unless given.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist
 */
export function httpTunnel(options: HttpTunnelOptions = {}): Transport {
  checkOptions('httpTunnel()', options, tunnelOptions)
  const { tls, ...rest } = options
  if (tls === undefined) return tunnel(rest)
  checkOptions('httpTunnel().tls', tls, tlsOptions)
  return tunnel({ ...rest, tls: secureContexts(tls) })
}

/** Those of WebSockets, with TLS as {@link tls} takes it. */
export interface WebSocketOptions extends Omit<PlainWebSocketOptions, 'tls'> {
  /** Listen for `wss`. */
  readonly tls?: TlsOptions
}

/**
 * RTMP over WebSocket, for pages in browsers; `wss` with `tls`. `port` is 8080 unless given. The path is the application,
 * `ws://host/live`; pages of other origins than the server's are refused unless `origins` has them.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist
 */
export function webSocket(options: WebSocketOptions = {}): Transport {
  checkOptions('webSocket()', options, webSocketOptions)
  const { tls, ...rest } = options
  if (tls === undefined) return plainWebSocket(rest)
  checkOptions('webSocket().tls', tls, tlsOptions)
  return plainWebSocket({ ...rest, tls: secureContexts(tls) })
}

/**
 * One TCP port for RTMP, RTMPE, RTMPS, RTMPT, RTMPTS, WebSockets, HTTP and HTTPS, told apart by their first bytes. `port` is 443 unless
 * given; without `tls` only what is not encrypted is taken.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist, OnePortError for one that does not go with another
 */
export function onePort(options: OnePortOptions = {}): OnePort {
  checkOptions('onePort()', options, onePortOptions)
  if (options.tls !== undefined) checkOptions('onePort().tls', options.tls, tlsOptions)
  return plainOnePort(options)
}

/**
 * RTMFP, RTMP over UDP: what is late is given up, and nothing waits for it. `port` is 1935 unless given, which RTMP may have
 * as well. It encrypts, but does not prove who a server is.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option or a limit that does not exist
 */
export function rtmfp(options: RtmfpOptions = {}): RtmfpTransport {
  checkOptions('rtmfp()', options, rtmfpOptions)
  return plainRtmfp({ ...options, limits: withLimits(defaultEndpointLimits, options.limits, 'rtmfp().limits') })
}
