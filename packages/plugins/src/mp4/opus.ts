import { box, uint16, uint32, uint8 } from './box.ts'

const magic = Buffer.from('OpusHead')
/** Bytes before the mapping of channels. */
const headSize = 19

/** The identification header (RFC 7845 §5.1) that says what the box `dOps` does, whose numbers have the other byte order. */
export function opusHeadOf(dops: Buffer | undefined): Buffer | undefined {
  if (dops === undefined || dops.length < 11) return undefined
  const head = Buffer.alloc(headSize)
  magic.copy(head)
  head.writeUInt8(1, 8)
  head.writeUInt8(dops.readUInt8(1), 9)
  head.writeUInt16LE(dops.readUInt16BE(2), 10)
  head.writeUInt32LE(dops.readUInt32BE(4), 12)
  head.writeInt16LE(dops.readInt16BE(8), 16)
  head.writeUInt8(dops.readUInt8(10), 18)
  return Buffer.concat([head, dops.subarray(11)])
}

/** The box for an identification header; without one, for what most encoders send. */
export function dopsOf(head: Buffer | undefined, channels: number): Buffer {
  if (head === undefined || head.length < headSize) {
    return box('dOps', uint8(0, channels), uint16(312), uint32(48_000), uint16(0), uint8(0))
  }
  const numbers = [uint16(head.readUInt16LE(10)), uint32(head.readUInt32LE(12)), uint16(head.readUInt16LE(16))]
  return box('dOps', uint8(0, head.readUInt8(9)), ...numbers, head.subarray(18))
}
