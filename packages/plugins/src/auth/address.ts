import { isIP, isIPv6, SocketAddress } from 'node:net'

/**
 * An IP address as there is only one way to write it: lower case, shortest, IPv4 where it is mapped into IPv6, without a
 * zone. Undefined for what is none.
 */
export function canonicalAddress(text: string): string | undefined {
  const [bare = ''] = text.replace(/^\[(.*)\]$/, '$1').split('%', 1)
  if (isIP(bare) === 0) return undefined
  if (!isIPv6(bare)) return bare
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address
}
