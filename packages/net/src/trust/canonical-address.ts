import { isIPv4, isIPv6 } from 'node:net'

/** The longest text of an IPv6 address, with IPv4 in it. */
const longest = 45
const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * An address as it is compared and counted: IPv4 that is mapped into IPv6 (`::ffff:192.0.2.1`, `::ffff:c000:201`) as IPv4,
 * IPv6 in its shortest form, without a zone. Undefined for what is no IP address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  const bare = text.split('%', 1)[0] ?? ''
  if (bare.length > longest || !isIPv6(bare)) return undefined
  const [, inner] = mapped.exec(bare) ?? []
  if (inner !== undefined) return inner
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}
