import type { ServerOpts } from 'node:net'
import type { ProxyOption } from '@rtmpipe/net'

/** Options of {@link tcp}. */
export interface TcpOptions {
  /** Address or name to listen on. Default `127.0.0.1`; `::` is every address, IPv4 included. */
  readonly host?: string | undefined
  /** Port to listen on. Default 1935, RTMP's own; 0 takes a free one. */
  readonly port?: number | undefined
  /** Connections the system may queue before they are accepted. Default 511; the system may cap it. */
  readonly backlog?: number | undefined
  /** Open connections per listener; further ones are closed unseen. Default: no limit. */
  readonly maxConnections?: number | undefined
  /** Milliseconds that dialling may take. Default 10 000. */
  readonly connectTimeout?: number | undefined
  /**
   * Dialling: the URL of a proxy to go by, `http://user:password@host:port`, `https://`, `socks5://` or `socks5h://`. Names
   * are resolved by it. Default: none; the environment is not read.
   */
  readonly proxy?: ProxyOption | undefined
  /** Told when accepting failed (`EMFILE`: out of file descriptors); the listener goes on. Default: nobody is. */
  readonly onError?: ((error: Error) => void) | undefined
}

/** Dead peers are noticed: idle milliseconds before the system sends its first keep-alive probe. */
const KEEP_ALIVE_DELAY = 60_000

/** How every socket is set, accepted or dialled: small messages leave at once, either side may half-close. */
export const SOCKET_OPTIONS: ServerOpts = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_DELAY,
}
