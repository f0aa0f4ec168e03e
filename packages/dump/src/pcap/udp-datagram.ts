import type { IpPacket } from './ip-packet.ts'

/** What matters of a UDP datagram. */
export interface UdpDatagram {
  readonly sourcePort: number
  readonly destinationPort: number
  /** As much of it as was captured. */
  readonly payload: Buffer
  /** Bytes it had on the network. */
  readonly length: number
}

const headerLength = 8

/** Undefined if the header is cut short, or says what can not be. */
export function parseUdpDatagram({ payload: bytes, payloadLength }: IpPacket): UdpDatagram | undefined {
  if (bytes.length < headerLength) return undefined
  const length = bytes.readUInt16BE(4)
  if (length < headerLength || length > payloadLength) return undefined
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    payload: bytes.subarray(headerLength, length),
    length: length - headerLength,
  }
}
