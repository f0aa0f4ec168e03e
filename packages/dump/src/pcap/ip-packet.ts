import { isIPv4 } from 'node:net'

/** What an IP packet carries. */
export interface IpPacket {
  readonly source: string
  readonly destination: string
  /** 6 is TCP. */
  readonly protocol: number
  /** As much of it as was captured. */
  readonly payload: Buffer
  /** Bytes it had on the network. */
  readonly payloadLength: number
  /** Whether it is a part of a larger packet. */
  readonly fragment: boolean
}

/** IPv6 extension headers that may stand before TCP; 44 says that it is a fragment. */
const extensionHeaders: readonly number[] = [0, 43, 44, 60]
const fragmentHeader = 44

/** Undefined if it is no IP packet or its header is cut short. */
export function parseIpPacket(bytes: Buffer): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4
  if (version === 4) return parseIpv4(bytes)
  return version === 6 ? parseIpv6(bytes) : undefined
}

function parseIpv4(bytes: Buffer): IpPacket | undefined {
  const headerLength = ((bytes[0] as number) & 0x0f) * 4
  if (headerLength < 20 || bytes.length < headerLength) return undefined
  // 0 where the network card was to cut a larger packet.
  const totalLength = bytes.readUInt16BE(2) || bytes.length
  if (totalLength < headerLength) return undefined
  return {
    source: bytes.subarray(12, 16).join('.'),
    destination: bytes.subarray(16, 20).join('.'),
    protocol: bytes.readUInt8(9),
    payload: bytes.subarray(headerLength, totalLength),
    payloadLength: totalLength - headerLength,
    // More fragments follow, or this is not the first.
    fragment: (bytes.readUInt16BE(6) & 0x3fff) !== 0,
  }
}

function parseIpv6(bytes: Buffer): IpPacket | undefined {
  if (bytes.length < 40) return undefined
  const totalLength = 40 + bytes.readUInt16BE(4)
  const end = totalLength === 40 ? bytes.length : totalLength
  let protocol = bytes.readUInt8(6)
  let at = 40
  let fragment = false
  while (extensionHeaders.includes(protocol)) {
    if (at + 8 > Math.min(end, bytes.length)) return undefined
    if (protocol === fragmentHeader) fragment ||= (bytes.readUInt16BE(at + 2) & 0xfff9) !== 0
    const length = protocol === fragmentHeader ? 8 : (bytes.readUInt8(at + 1) + 1) * 8
    protocol = bytes.readUInt8(at)
    at += length
  }
  if (at > end) return undefined
  return {
    source: ipv6Text(bytes.subarray(8, 24)),
    destination: ipv6Text(bytes.subarray(24, 40)),
    protocol,
    payload: bytes.subarray(at, end),
    payloadLength: end - at,
    fragment,
  }
}

function ipv6Text(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16))
  // A URL has addresses in their shortest form (RFC 5952), in brackets.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** `address:port`, with brackets where the address has colons. */
export function endpoint(address: string, port: number): string {
  return isIPv4(address) ? `${address}:${port}` : `[${address}]:${port}`
}
