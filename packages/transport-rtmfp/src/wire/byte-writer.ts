import { vluLength, writeVlu } from './vlu.ts'

/** Writes elements one after the other into bytes that are there. Whoever writes looks at {@link room} first. */
export class ByteWriter {
  readonly bytes: Buffer
  position: number
  readonly end: number

  constructor(bytes: Buffer, position = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.end - this.position
  }

  /** What was written, not copied. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.position)
  }

  u8(value: number): this {
    this.position = this.bytes.writeUInt8(value, this.position)
    return this
  }

  u16(value: number): this {
    this.position = this.bytes.writeUInt16BE(value, this.position)
    return this
  }

  u32(value: number): this {
    this.position = this.bytes.writeUInt32BE(value, this.position)
    return this
  }

  vlu(value: number): this {
    this.position = writeVlu(this.bytes, this.position, value)
    return this
  }

  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.position)
    this.position += bytes.length
    return this
  }

  /** Bytes with their length before them. */
  field(bytes: Uint8Array): this {
    return this.vlu(bytes.length).put(bytes)
  }
}

/** Bytes that {@link ByteWriter.field} takes. */
export function fieldLength(bytes: Uint8Array): number {
  return vluLength(bytes.length) + bytes.length
}

/** What `write` writes, as bytes of their own. @param length bytes that it has at most */
export function written(length: number, write: (writer: ByteWriter) => unknown): Buffer {
  const writer = new ByteWriter(Buffer.alloc(length))
  write(writer)
  return writer.written
}
