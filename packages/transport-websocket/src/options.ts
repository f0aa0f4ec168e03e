import type { ProxyOption, TrustProxy } from '@rtmpipe/net'
import type { TunnelTlsOptions } from '@rtmpipe/transport-http-tunnel'
import type { PeerAddress } from './connection.ts'
import { WebSocketError } from './errors.ts'

/** Who may connect, and how many: options of whatever accepts WebSockets. */
export interface AcceptOptions {
  /** The only path that WebSockets are taken at. Default: any, since the path is the application: `wss://host/live`. */
  readonly path?: string | undefined
  /**
   * Origins of the pages that may connect, `https://example.com`, or `'*'` for those of all. Default: the page's host and
   * port must be those that it connects to. Clients that are no browsers tell no origin, and always may.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /** WebSockets at a time; further ones are answered 503. Default 20,000. */
  readonly maxConnections?: number | undefined
  /**
   * Milliseconds between two pings. A peer that gives no sign of life from one to the next is gone. Default 20,000; proxies
   * end what is silent for a minute.
   */
  readonly pingInterval?: number | undefined
  /**
   * Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto`, or else `Forwarded`, are believed: addresses and networks, or
   * how many there are in a row. Default: nobody is trusted, and the peer is the client.
   */
  readonly trustProxy?: TrustProxy | undefined
  /** Told why somebody was refused, with the address. Default: nobody is. */
  readonly onError?: ((error: Error, remote?: PeerAddress) => void) | undefined
}

/** Options of {@link webSocket}. */
export interface WebSocketOptions extends AcceptOptions {
  /** Address or name to listen on. Default `127.0.0.1`; `::` is every address, IPv4 included. */
  readonly host?: string | undefined
  /** Port to listen on. Default 8080; 0 takes a free one. */
  readonly port?: number | undefined
  /** Listen for `wss`. Default: `ws`. */
  readonly tls?: TunnelTlsOptions | undefined
  /** TCP connections from one address (IPv6: one /64) that is not in `trustProxy`. Default 4,000. */
  readonly maxConnectionsPerAddress?: number | undefined
  /** Milliseconds for the head of the request. Default 5,000. */
  readonly headersTimeout?: number | undefined
  /**
   * Networks of proxies that begin each connection with a header of the PROXY protocol, version 1 or 2, before TLS if there
   * is any. From there the header is required, and it tells the client; connections from elsewhere are refused. Default: no
   * header is expected.
   */
  readonly proxyProtocol?: readonly string[] | undefined
  /** Dialling `wss`: certificates to trust instead of the system's, PEM. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** Dialling `wss`: trust any certificate. For tests only. Default false. */
  readonly insecure?: boolean | undefined
  /** Dialling: headers of the request, as `{ Authorization: 'Bearer …' }`. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds that dialling may take. Default 10,000. */
  readonly connectTimeout?: number | undefined
  /**
   * Dialling: the URL of a proxy to go by, `http://user:password@host:port`, `https://`, `socks5://` or `socks5h://`; HTTP
   * proxies by CONNECT. Default: none; the environment is not read.
   */
  readonly proxy?: ProxyOption | undefined
}

/** @throws WebSocketError `RTMP_ERR_WEBSOCKET_OPTION`: a NaN would compare as "never crossed" */
export function atLeastOne(name: string, value: number): number {
  if (typeof value === 'number' && value >= 1) return value
  throw new WebSocketError('RTMP_ERR_WEBSOCKET_OPTION', `${name} is ${String(value)}, not a number from 1 up`)
}
