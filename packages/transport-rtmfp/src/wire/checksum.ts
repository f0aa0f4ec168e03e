/**
 * The checksum of packets without HMAC (RFC 7425 §4.7.3.1): ones' complement of the ones' complement sum of 16-bit words. An
 * odd last byte counts as the low byte of a word, unlike elsewhere.
 */
export function checksum(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let sum = 0
  let index = start
  for (; index + 1 < end; index += 2) sum += ((bytes[index] as number) << 8) | (bytes[index + 1] as number)
  if (index < end) sum += bytes[index] as number
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
