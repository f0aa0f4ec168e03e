import type { TcpConnection } from './connection.ts'
import { dial } from './dial.ts'
import type { TcpOptions } from './options.ts'
import { type TcpListener, listen } from './tcp-listener.ts'

/** Options of {@link TcpTransport.listen}. */
export interface TcpListenOptions {
  /** Aborting it stops accepting, as {@link TcpListener.close} does; open connections live on. */
  readonly signal?: AbortSignal
}

/** Options of {@link TcpTransport.dial}. */
export interface TcpDialOptions {
  /** Aborting it gives up the attempt, or destroys the connection if it already stands. */
  readonly signal?: AbortSignal
}

/** TCP as a `Transport` of `@rtmpipe/session`. */
export interface TcpTransport {
  readonly name: 'tcp'
  /** Of the URLs that it dials. */
  readonly schemes: readonly ['rtmp']
  /** Binds and accepts. Rejects with the system's error (`EADDRINUSE`, `EACCES`, …). `accept` must not throw. */
  listen(accept: (connection: TcpConnection) => void, options?: TcpListenOptions): Promise<TcpListener>
  /**
   * Connects to the host and port of `url`; port 1935 when it names none. Rejects with the system's error
   * (`ECONNREFUSED`, `ENOTFOUND`, …), with `ETIMEDOUT` after {@link TcpOptions.connectTimeout}, with
   * {@link TcpUrlError} (`RTMP_ERR_TRANSPORT_URL`) for a URL that is not `rtmp:` or has no host, with `ProxyError`
   * (`RTMP_ERR_PROXY_…`) where a proxy lets us not through, or with the reason of the signal.
   */
  dial(url: URL, options?: TcpDialOptions): Promise<TcpConnection>
}

/** RTMP over TCP. One value both listens and dials; it holds nothing itself. */
export function tcp(options: TcpOptions = {}): TcpTransport {
  return {
    name: 'tcp',
    schemes: ['rtmp'],
    listen: (accept, { signal } = {}) => listen(options, accept, signal),
    dial: (url, { signal } = {}) => dial(url, options, signal),
  }
}
