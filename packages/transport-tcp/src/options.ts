import type { ServerOpts } from 'node:net'
import type { ProxyOption } from '@rtmpipe/net'
import type { PeerAddress } from './peer-address.ts'

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
   * Networks of proxies that begin each connection with a header of the PROXY protocol, version 1 or 2: `['10.0.0.5']`,
   * `['10.0.0.0/8']`, `['loopback']`. From there the header is required, and `remote` is the client that it tells;
   * connections from elsewhere are refused. Default: no header is expected.
   */
  readonly proxyProtocol?: readonly string[] | undefined
  /**
   * Dialling: the URL of a proxy to go by, `http://user:password@host:port`, `https://`, `socks5://` or `socks5h://`. Names
   * are resolved by it. Default: none; the environment is not read.
   */
  readonly proxy?: ProxyOption | undefined
  /**
   * Told when accepting failed (`EMFILE`: out of file descriptors), without an address, and why a connection was refused
   * for its PROXY header or want of one (`RTMP_ERR_PROXY_…`); the listener goes on. Default: nobody is.
   */
  readonly onError?: ((error: Error, remote?: PeerAddress) => void) | undefined
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
