import type { Logger } from '@rtmpipe/session'
import type { BackoffOptions } from './backoff.ts'
import type { RelayConnect } from './relay-connect.ts'

/** Options of every relay. */
export interface RelayOptions {
  /** How to connect: `connect` of rtmpipe, or a function like it. */
  readonly connect: RelayConnect
  /**
   * URL of a proxy to go by, like `http://user:password@host:port` or `socks5h://host:1080`; `false` for none. Default what
   * `connect` does: that of rtmpipe reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
   */
  readonly proxy?: string | false
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
  /** Where it logs to, without the secret parts of URLs; default the server's log. */
  readonly log?: Logger
}

/** `connect`, by the proxy if one is asked for. */
export function connectBy(connect: RelayConnect, proxy: string | false | undefined): RelayConnect {
  if (proxy === undefined) return connect
  return (appUrl, options) => connect(appUrl, { ...options, proxy })
}
