import { isIP, isIPv6, SocketAddress } from 'node:net'

/**
 * The canonical form of an IP address: lower case, shortest, IPv4 if it is mapped into IPv6, without a zone. Undefined
 * for a text that is no IP address.
 */
export function canonicalAddress(text: string): string | undefined {
  const [bare = ''] = text.replace(/^\[(.*)\]$/, '$1').split('%', 1)
  if (isIP(bare) === 0) return undefined
  if (!isIPv6(bare)) return bare
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address
}

/**
 * The network of an IPv6 address, as its bits; every other address is its own network.
 *
 * @param prefix bits of IPv6 addresses that count
 */
export function networkOf(address: string, prefix: number): string {
  const canonical = canonicalAddress(address)
  if (canonical === undefined || !isIPv6(canonical)) return canonical ?? address
  const [head = '', tail] = canonical.replace(/[\d.]+$/, hexadecimal).split('::')
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0')
  const bits = [...before, ...zeros, ...after].map(group => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
  return `${bits.join('').slice(0, prefix)}/${prefix}`
}

/** The last 32 bits may be written as an IPv4 address. */
function hexadecimal(text: string): string {
  if (!text.includes('.')) return text
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
