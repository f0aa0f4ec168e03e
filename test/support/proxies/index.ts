import { apache } from './apache.ts'
import { caddy } from './caddy.ts'
import { haproxy } from './haproxy.ts'
import type { Kind } from './kind.ts'
import { nginx } from './nginx.ts'
import { squid } from './squid.ts'
import { stunnel } from './stunnel.ts'
import { tinyproxy } from './tinyproxy.ts'
import { varnish } from './varnish.ts'

/** A proxy that docs/proxies has a configuration for. */
export type ProxyName = 'nginx' | 'haproxy' | 'caddy' | 'apache' | 'varnish' | 'stunnel' | 'squid' | 'tinyproxy'

export const kinds: Readonly<Record<ProxyName, Kind>> = {
  nginx,
  haproxy,
  caddy,
  apache,
  varnish,
  stunnel,
  squid,
  tinyproxy,
}
