import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
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
  const host = hostOf(url.hostname)
  if (host === '') throw new TlsError('RTMP_ERR_TRANSPORT_URL', 'URL has no valid host to dial')
  return { host, inner: new URL(`${scheme}://${url.hostname}:${url.port || DEFAULT_PORT}`) }
}

/** `URL` puts IPv6 in brackets, and percent-encodes names outside ASCII where it does not know the scheme. */
function hostOf(hostname: string): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return bare
  try {
    return domainToASCII(decodeURIComponent(hostname))
  } catch {
    return ''
  }
}
