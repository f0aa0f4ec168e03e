import { WebSocketError } from './errors.ts'

/** Schemes that are dialled, and what they are for a WebSocket. */
const schemes = { 'ws:': 'ws', 'wss:': 'wss', 'rtmp+ws:': 'ws', 'rtmp+wss:': 'wss' } as const

/** All schemes. */
export const webSocketSchemes = ['ws', 'wss', 'rtmp+ws', 'rtmp+wss'] as const

/** Where a URL points. */
export interface DialTarget {
  /** As it was given. */
  readonly scheme: (typeof webSocketSchemes)[number]
  readonly secure: boolean
  /**
   * To ask for: the application is its path. Query, user and password stay inside of the connection, where RTMP says them:
   * what HTTP asks for is written to the logs of proxies.
   */
  readonly url: URL
}

/** Reads a URL to dial. @throws WebSocketError `RTMP_ERR_TRANSPORT_URL` for another scheme or no valid host */
export function dialTarget(url: URL): DialTarget {
  const scheme = schemes[url.protocol as keyof typeof schemes]
  if (scheme === undefined)
    throw new WebSocketError('RTMP_ERR_TRANSPORT_URL', `websocket dials ws: and wss:, not ${url.protocol}`)
  const { hostname, port, pathname } = url
  const target = `${scheme}://${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  if (hostname === '' || !URL.canParse(target))
    throw new WebSocketError('RTMP_ERR_TRANSPORT_URL', 'URL has no valid host to dial')
  return {
    scheme: url.protocol.slice(0, -1) as DialTarget['scheme'],
    secure: scheme === 'wss',
    url: new URL(target),
  }
}
