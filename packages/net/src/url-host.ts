import { isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'

/**
 * The host of a URL as the system wants it: IPv6 without brackets, names in ASCII. `URL` percent-encodes names outside
 * ASCII where it does not know the scheme. Empty when it is no valid host.
 */
export function urlHost({ hostname }: URL): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIPv6(bare)) return bare
  try {
    return domainToASCII(decodeURIComponent(hostname))
  } catch {
    return ''
  }
}
