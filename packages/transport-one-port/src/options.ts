import type { FastifyInstance } from 'fastify'
import type { TrustProxy } from '@rtmpipe/net'
import type { TunnelLimits } from '@rtmpipe/transport-http-tunnel'
import type { TunnelServerOptions } from '@rtmpipe/transport-http-tunnel/server'
import type { TcpOptions } from '@rtmpipe/transport-tcp'
import type { TlsOptions } from '@rtmpipe/transport-tls'
import type { AcceptOptions } from '@rtmpipe/transport-websocket'
import type { PeerAddress } from './connection.ts'

/**
 * What a port may take. `rtmp` is RTMPE too; `http` is everything over HTTP and HTTPS that is neither the tunnel nor a
 * WebSocket.
 */
export type Protocol = 'rtmp' | 'rtmps' | 'rtmpt' | 'rtmpts' | 'ws' | 'wss' | 'http'

/** All there are. */
export const protocols: readonly Protocol[] = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'ws', 'wss', 'http']

/** Limits of tunnel sessions; and with several servers, the name of this one and its way to the others. */
export interface PortTunnelOptions extends Partial<TunnelLimits>, Pick<TunnelServerOptions, 'name' | 'colleagues'> {}

/** Options of {@link onePort}. */
export interface OnePortOptions extends Omit<TcpOptions, 'onError'> {
  /** Port to listen on. Default 443; 0 takes a free one. */
  readonly port?: number | undefined
  /** Certificate and settings of TLS. Default: none, and what is encrypted is not taken. */
  readonly tls?: TlsOptions | undefined
  /** What is taken; the rest is refused with a reason. Default: all that is possible. */
  readonly protocols?: readonly Protocol[] | undefined
  /** Milliseconds until a connection has sent the bytes that tell what it is. Default 10,000. */
  readonly firstBytesTimeout?: number | undefined
  /** Connections that have not told yet what they are; for one more the oldest is given up. Default 1,000. */
  readonly maxUndecided?: number | undefined
  /** Limits of tunnel sessions, those that differ from the defaults; with several servers, `name` and `colleagues` too. */
  readonly tunnel?: PortTunnelOptions | undefined
  /** Who may connect by WebSocket: `origins`, `path`, `pingInterval`. Default: pages of the same host, and programs. */
  readonly webSocket?: Omit<AcceptOptions, 'trustProxy' | 'onError'> | undefined
  /** Proxies whose word over HTTP is taken for whom they speak, as `httpTunnel()` takes it. Default: nobody is trusted. */
  readonly trustProxy?: TrustProxy | undefined
  /** Registers what else is reachable over HTTP and HTTPS, before the port is bound. Default nothing. */
  readonly routes?: ((app: FastifyInstance) => unknown) | undefined
  /** Told why somebody could not be served, with the address. Default: nobody is. */
  readonly onError?: ((error: Error, remote?: PeerAddress) => void) | undefined
}
