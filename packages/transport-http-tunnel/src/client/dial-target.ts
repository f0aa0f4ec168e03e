import { isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
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
  const host = hostOf(url.hostname)
  if (host === '') throw new TunnelError('RTMP_ERR_TRANSPORT_URL', 'URL has no valid host to dial')
  return { secure, host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
}

/** `URL` percent-encodes names outside ASCII where it does not know the scheme. */
function hostOf(hostname: string): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIPv6(bare)) return bare
  try {
    return domainToASCII(decodeURIComponent(hostname))
  } catch {
    return ''
  }
}
