import type { TestServer } from '@rtmpipe/testing'
import type { RelayConnect } from '../../../src/relay/index.ts'

/** Connects to servers in memory by the host of the URL. Nobody listens at other hosts, or at those that are taken away. */
export function connectTo(servers: Readonly<Record<string, TestServer | undefined>>): RelayConnect {
  return async (appUrl, options) => {
    const { hostname, pathname, search } = new URL(appUrl)
    const server = servers[hostname]
    if (server === undefined) throw new Error(`connect ECONNREFUSED ${hostname}`)
    return server.connect(pathname.slice(1) + search, options)
  }
}
