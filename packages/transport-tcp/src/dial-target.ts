import { urlHost } from '@rtmpipe/net'

const DEFAULT_PORT = 1935

/** The URL given to `dial` is not one that TCP can reach. */
export class TcpUrlError extends TypeError {
  override readonly name = 'TcpUrlError'
  readonly code = 'RTMP_ERR_TRANSPORT_URL'
}

/** Where a URL points: the host without the brackets of IPv6, the port or RTMP's default. */
export function dialTarget(url: URL): { readonly host: string; readonly port: number } {
  // Another scheme promises other things, encryption above all, and must not end up here in plain text.
  if (url.protocol !== 'rtmp:') throw new TcpUrlError(`tcp dials rtmp:, not ${url.protocol}`)
  const host = urlHost(url)
  if (host === '') throw new TcpUrlError('URL has no valid host to dial')
  return { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port) }
}
