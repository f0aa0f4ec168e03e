import { authority, type ProxyUrl } from '@rtmpipe/net'
import type { DialTarget } from './dial-target.ts'

/** Whom requests are sent to, and what stands in them for that. */
export interface Route extends DialTarget {
  /** What stands before each path. */
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  /** The proxy that answers instead of the server when it does not let us through. */
  readonly proxy: ProxyUrl | undefined
}

/**
 * The route of requests for a server. Plain ones by an HTTP proxy are sent to that, with the whole URI (RFC 9112 §3.2.2);
 * all others to the server, over connections that may lead through a proxy.
 */
export function routeTo(target: DialTarget, proxy: ProxyUrl | undefined): Route {
  if (proxy === undefined || target.secure || proxy.kind === 'socks5') {
    return { ...target, prefix: '', headers: {}, proxy: undefined }
  }
  const there = authority(target.host, target.port)
  const { authorization } = proxy
  return {
    secure: proxy.kind === 'https',
    host: proxy.host,
    port: proxy.port,
    prefix: `http://${there}`,
    headers: { Host: there, ...(authorization !== undefined && { 'Proxy-Authorization': authorization }) },
    proxy,
  }
}
