import type { ProxyOption, TrustProxy } from '@rtmpipe/net'
import type { PeerAddress } from './connection.ts'
import type { TunnelLimits } from './limits.ts'
import type { TunnelTlsOptions } from './tls.ts'

/** Options of {@link httpTunnel}; the limits are of listening. */
export interface HttpTunnelOptions extends Partial<TunnelLimits> {
  /** Address or name to listen on. Default `127.0.0.1`; `::` is every address, IPv4 included. */
  readonly host?: string | undefined
  /** Port to listen on. Default 8080; 0 takes a free one. */
  readonly port?: number | undefined
  /** File descriptor of a TCP socket to listen on instead, which whoever started the process has bound. Default: none. */
  readonly fd?: number | undefined
  /** Listen for HTTPS, which makes it RTMPTS. Default: plain HTTP, RTMPT. */
  readonly tls?: TunnelTlsOptions | undefined
  /** TCP connections per listener; further ones are closed unseen. Default 20,000. */
  readonly maxConnections?: number | undefined
  /** TCP connections from one address (IPv6: one /64) that is not in `trustProxy`. Default 4,000. */
  readonly maxConnectionsPerAddress?: number | undefined
  /** Milliseconds for the head of a request, and until the first one on a connection. Default 5,000. */
  readonly headersTimeout?: number | undefined
  /**
   * Proxies whose word is taken for whom they speak: addresses and networks (`['10.0.0.5', '10.1.0.0/16', 'loopback']`), or
   * how many proxies there are in a row, where nobody can reach the port but through them. `X-Forwarded-For` and
   * `X-Forwarded-Proto`, or else `Forwarded`, are read from the right up to the first address that is not trusted. Default:
   * nobody is trusted, and the peer is the client.
   */
  readonly trustProxy?: TrustProxy | undefined
  /**
   * Networks of proxies that begin each connection with a header of the PROXY protocol, version 1 or 2, before TLS if there
   * is any. From there the header is required, and it tells the client; connections from elsewhere are refused. Default: no
   * header is expected.
   */
  readonly proxyProtocol?: readonly string[] | undefined
  /**
   * Told when accepting failed (`EMFILE`), or when a client was sent away for a limit; and, with its address, why a client's
   * TLS handshake failed, why a connection was refused for its PROXY header or want of one (`RTMP_ERR_PROXY_…`), and who is
   * not in `trustProxy` and claims to be a proxy. Default: nobody is.
   */
  readonly onError?: ((error: Error, remote?: PeerAddress) => void) | undefined
  /** Dialling rtmpts: certificates to trust besides the system's, PEM. Default: none. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined
  /** Dialling rtmpts: trust any certificate. For tests only. Default false. */
  readonly insecure?: boolean | undefined
  /** Milliseconds that dialling may take. Default 10,000. */
  readonly connectTimeout?: number | undefined
  /**
   * Dialling: the URL of a proxy to go by, `http://user:password@host:port`, `https://`, `socks5://` or `socks5h://`. rtmpt
   * goes by absolute URIs where the proxy is one for HTTP, all else by CONNECT or SOCKS. Default: none; the environment is
   * not read.
   */
  readonly proxy?: ProxyOption | undefined
}
