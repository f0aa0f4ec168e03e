import { canonicalAddress } from '@rtmpipe/net'
import type { InProcessPlayer, PeerRequest } from '@rtmpipe/session'
import type { FastifyRequest } from 'fastify'

/** What a request says of who watches: as gates are to see it. */
export type Viewer = Pick<
  InProcessPlayer,
  'transport' | 'secure' | 'remote' | 'query' | 'tcUrl' | 'flashVer' | 'request'
>

/**
 * Who asks for something to watch. The address and whether it came encrypted are the client's also behind a proxy that is
 * trusted.
 *
 * @param transport what the viewer comes by, for statistics and gates: `http-flv`, `hls`
 * @param app the application that it asks for
 */
export function viewerOf(request: FastifyRequest, transport: string, app: string): Viewer {
  const { raw, ip, protocol, headers } = request
  const { url = '' } = raw
  const { remoteAddress, remotePort = 0 } = raw.socket
  const mark = url.indexOf('?')
  return {
    transport,
    secure: protocol === 'https',
    // The port is that of whoever has connected, and not of whom a proxy speaks for.
    remote: { address: canonicalAddress(ip) ?? ip, port: ip === remoteAddress ? remotePort : 0 },
    query: mark < 0 ? '' : url.slice(mark + 1),
    tcUrl: `${protocol}://${headers.host ?? 'localhost'}/${app}`,
    flashVer: headers['user-agent'] ?? '',
    request: { url, headers: joined(headers) },
  }
}

function joined(headers: FastifyRequest['headers']): PeerRequest['headers'] {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as PeerRequest['headers']
}
