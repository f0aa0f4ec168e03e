import { urlHost } from '@rtmpipe/net'
import { TunnelError } from '../errors.ts'

/** Where a URL points. */
export interface DialTarget {
  readonly secure: boolean
  /** Without the brackets of IPv6. */
  readonly host: string
  readonly port: number
}

/** Reads an `rtmpt:` or `rtmpts:` URL. Throws {@link TunnelError} `RTMP_ERR_TRANSPORT_URL` for any other. */
export function dialTarget(url: URL): DialTarget {
  // Another scheme promises other things, encryption above all.
  if (url.protocol !== 'rtmpt:' && url.protocol !== 'rtmpts:') {
    throw new TunnelError('RTMP_ERR_TRANSPORT_URL', `http-tunnel dials rtmpt: and rtmpts:, not ${url.protocol}`)
  }
  const secure = url.protocol === 'rtmpts:'
  const host = urlHost(url)
  if (host === '') throw new TunnelError('RTMP_ERR_TRANSPORT_URL', 'URL has no valid host to dial')
  return { secure, host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
}
