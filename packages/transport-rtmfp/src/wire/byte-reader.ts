import { WireError } from './wire-error.ts'

/** Reads elements from bytes one after the other. Everything throws {@link WireError} beyond the end. */
export class ByteReader {
  readonly bytes: Buffer
  readonly end: number
  position: number

  constructor(bytes: Buffer, position = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.position
  }

  u8(): number {
    return this.bytes[this.#take(1)] as number
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.#take(4))
  }

  /** A variable length unsigned integer (§2.1.2). Values above 2^53-1 are refused: nothing that can happen needs them. */
  vlu(): number {
    let value = 0
    for (;;) {
      const byte = this.u8()
      value = value * 128 + (byte & 0x7f)
      if (value > Number.MAX_SAFE_INTEGER) throw new WireError('an integer of more than 53 bits')
      if (byte < 0x80) return value
    }
  }

  /** The next bytes, not copied. */
  take(length: number): Buffer {
    const start = this.#take(length)
    return this.bytes.subarray(start, start + length)
  }

  /** Bytes with their length before them, not copied. */
  field(): Buffer {
    return this.take(this.vlu())
  }

  /** All that is left, not copied. */
  rest(): Buffer {
    return this.take(this.left)
  }

  #take(length: number): number {
    const start = this.position
    if (length > this.end - start) throw new WireError('an element ends beyond the bytes that there are')
    this.position = start + length
    return start
  }
}
