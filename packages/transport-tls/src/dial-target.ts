import { urlHost } from '@rtmpipe/net'
import { TlsError } from './tls-error.ts'

/** The port of HTTPS, which FFmpeg and librtmp dial for `rtmps:`; named here because the transport below has another. */
const DEFAULT_PORT = '443'

/** Where an `rtmps:` URL points. */
export interface DialTarget {
  /** Host or IP address to verify. */
  readonly host: string
  /** The URL for a transport below that understands `scheme`. */
  readonly inner: URL
}

/** Throws {@link TlsError} `RTMP_ERR_TRANSPORT_URL` for another scheme or no valid host. */
export function dialTarget(url: URL, scheme: string): DialTarget {
  if (url.protocol !== 'rtmps:') throw new TlsError('RTMP_ERR_TRANSPORT_URL', `tls dials rtmps:, not ${url.protocol}`)
  const host = urlHost(url)
  if (host === '') throw new TlsError('RTMP_ERR_TRANSPORT_URL', 'URL has no valid host to dial')
  return { host, inner: new URL(`${scheme}://${url.hostname}:${url.port || DEFAULT_PORT}`) }
}
