import type { TunnelConnection } from './connection.ts'
import type { HttpTunnelOptions } from './options.ts'
import type { TunnelListener } from './server/tunnel-listener.ts'

/** Options of {@link HttpTunnelTransport.listen}. */
export interface TunnelListenOptions {
  /** Aborting it stops accepting, as {@link TunnelListener.close} does; open sessions live on. */
  readonly signal?: AbortSignal
}

/** Options of {@link HttpTunnelTransport.dial}. */
export interface TunnelDialOptions {
  /** Aborting it gives up the attempt, or destroys the connection if it already stands. */
  readonly signal?: AbortSignal
}

/** RTMPT and RTMPTS as a `Transport` of `@rtmpipe/session`. */
export interface HttpTunnelTransport {
  readonly name: 'http-tunnel'
  /** Of the URLs that it dials. */
  readonly schemes: readonly ['rtmpt', 'rtmpts']
  /**
   * Binds and accepts. Rejects with the system's error (`EADDRINUSE`, `EACCES`, …) or {@link TunnelError}
   * (`RTMP_ERR_TUNNEL_OPTION`). `accept` must not throw.
   */
  listen(accept: (connection: TunnelConnection) => void, options?: TunnelListenOptions): Promise<TunnelListener>
  /**
   * Opens a session at the host and port of `url`; port 80 for `rtmpt:`, 443 for `rtmpts:` when it names none. Rejects
   * with the system's error (`ECONNREFUSED`, `ENOTFOUND`, …), with {@link TunnelError}, or with the reason of the signal.
   *
   * Requests of the session that fail in passing (a connection that breaks or is refused, 502, 503, 504, no answer) are
   * made again for {@link TunnelLimits.idleTimeout}; after that the stream is destroyed with {@link TunnelError}
   * `RTMP_ERR_TUNNEL_UNREACHABLE`.
   */
  dial(url: URL, options?: TunnelDialOptions): Promise<TunnelConnection>
}

/**
 * RTMP through HTTP POST requests. One value both listens and dials; it holds nothing itself.
 */
export function httpTunnel(options: HttpTunnelOptions = {}): HttpTunnelTransport {
  return {
    name: 'http-tunnel',
    schemes: ['rtmpt', 'rtmpts'],
    // Each loads its own half: who only dials needs no fastify, and most clients do not even dial through HTTP.
    listen: async (accept, { signal } = {}) => (await import('./server/listen.ts')).listen(options, accept, signal),
    dial: async (url, { signal } = {}) => (await import('./client/dial.ts')).dial(url, options, signal),
  }
}
