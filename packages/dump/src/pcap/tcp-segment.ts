import type { IpPacket } from './ip-packet.ts'

/** What matters of a TCP segment. */
export interface TcpSegment {
  readonly sourcePort: number
  readonly destinationPort: number
  /** Of its first byte, or of SYN. */
  readonly sequence: number
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  /** As much of it as was captured. */
  readonly payload: Buffer
  /** Bytes it had on the network. */
  readonly length: number
}

/** Undefined if the header is cut short. */
export function parseTcpSegment({ payload: bytes, payloadLength }: IpPacket): TcpSegment | undefined {
  if (bytes.length < 20) return undefined
  const headerLength = (bytes.readUInt8(12) >> 4) * 4
  if (headerLength < 20 || headerLength > payloadLength) return undefined
  const flags = bytes.readUInt8(13)
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    ack: (flags & 0x10) !== 0,
    payload: bytes.subarray(headerLength),
    length: payloadLength - headerLength,
  }
}
