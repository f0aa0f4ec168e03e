import { AmfError } from './errors.ts'
import { cachedKey } from './key-cache.ts'
import { decodeText } from './text.ts'

/** A cursor over bytes that never reads past their end: what is missing is {@link AmfError} `RTMP_ERR_AMF_TRUNCATED`. */
export class ByteReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#bytes.length - this.#position
  }

  /** The next byte, left where it is; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#position]
  }

  skip(length: number): void {
    this.#take(length)
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  /** A number of up to 29 bits in one to four bytes (AMF3 §1.3.1). */
  u29(): number {
    let value = 0
    for (let count = 0; count < 3; count++) {
      const byte = this.uint8()
      if (byte < 0x80) return (value << 7) | byte
      value = (value << 7) | (byte & 0x7f)
    }
    return (value << 8) | this.uint8()
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8))
  }

  /** See {@link decodeText}. */
  text(length: number): string {
    const start = this.#take(length)
    return decodeText(this.#bytes, start, this.#position)
  }

  /** As {@link text}, faster for what is read again and again. */
  key(length: number): string {
    const start = this.#take(length)
    return cachedKey(this.#bytes, start, length) ?? decodeText(this.#bytes, start, this.#position)
  }

  /** A copy. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return new Uint8Array(this.#bytes.subarray(start, this.#position))
  }

  #take(length: number): number {
    const start = this.#position
    const missing = start + length - this.#bytes.length
    if (missing > 0) {
      throw new AmfError('RTMP_ERR_AMF_TRUNCATED', `${length} bytes wanted at byte ${start}, ${missing} are missing`)
    }
    this.#position = start + length
    return start
  }
}
