/** Capture files are written in the byte order of their machine. */
export type ByteOrder = 'little' | 'big'

export function uint16(bytes: Buffer, offset: number, order: ByteOrder): number {
  return order === 'little' ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset)
}

export function uint32(bytes: Buffer, offset: number, order: ByteOrder): number {
  return order === 'little' ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset)
}
