import { isIP, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { CertificateError } from './certificate-error.ts'

const DNS_NAME = /^(?=.{1,253}$)(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/

/**
 * A DNS name or IP address as certificates spell it: lower case, ASCII, IPv6 in its shortest form. Throws
 * {@link CertificateError} `RTMP_ERR_CERTIFICATE_HOST` for anything else.
 */
export function canonicalHost(host: string): string {
  if (isIPv6(host) && !host.includes('%')) return new URL(`http://[${host}]`).hostname.slice(1, -1)
  if (isIP(host) === 4) return host
  const name = domainToASCII(host)
  if (DNS_NAME.test(name)) return name
  throw new CertificateError('RTMP_ERR_CERTIFICATE_HOST', `${JSON.stringify(host)} is no DNS name or IP address`)
}
