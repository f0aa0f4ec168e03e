import { AmfError } from './errors.ts'

const initialCapacity = 512
const longestShortText = 64
const greatestU29 = 0x1fff_ffff

/** One Buffer that grows as it is written, up to a limit: {@link AmfError} `RTMP_ERR_AMF_BYTE_LENGTH` past it. */
export class ByteWriter {
  readonly #limit: number
  #bytes = Buffer.allocUnsafe(initialCapacity)
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get length(): number {
    return this.#length
  }

  uint8(value: number): void {
    const start = this.#reserve(1)
    this.#bytes[start] = value
  }

  uint16(value: number): void {
    const start = this.#reserve(2)
    this.#bytes.writeUInt16BE(value, start)
  }

  uint32(value: number): void {
    const start = this.#reserve(4)
    this.#bytes.writeUInt32BE(value, start)
  }

  int32(value: number): void {
    const start = this.#reserve(4)
    this.#bytes.writeInt32BE(value, start)
  }

  /** A number of up to 29 bits in one to four bytes (AMF3 §1.3.1). */
  u29(value: number): void {
    if (value < 0x80) return this.uint8(value)
    if (value < 0x4000) return this.uint16(((value << 1) & 0x7f00) | 0x8000 | (value & 0x7f))
    if (value < 0x20_0000) {
      this.uint16(0x8080 | ((value >> 6) & 0x7f00) | ((value >> 7) & 0x7f))
      return this.uint8(value & 0x7f)
    }
    if (value > greatestU29) throw new AmfError('RTMP_ERR_AMF_VALUE', `${value} needs more than 29 bits`)
    this.uint16(0x8080 | ((value >> 14) & 0x7f00) | ((value >> 15) & 0x7f))
    this.uint16(0x8000 | (value & 0x7fff))
  }

  double(value: number): void {
    const start = this.#reserve(8)
    this.#bytes.writeDoubleBE(value, start)
  }

  /** UTF-8; `byteLength` is its length in bytes. */
  text(text: string, byteLength: number): void {
    const start = this.#reserve(byteLength)
    // Copying ASCII is cheaper than encoding it.
    this.#bytes.write(text, start, byteLength, byteLength === text.length ? 'latin1' : 'utf8')
  }

  /**
   * A 16 bit length and the text, provided it is short and ASCII, which is nearly everything: false when it is not, and
   * nothing is written. Needs no call out of JavaScript.
   */
  shortText(text: string): boolean {
    const length = text.length
    if (length > longestShortText) return false
    const start = this.#reserve(2 + length)
    const bytes = this.#bytes
    bytes[start] = 0
    bytes[start + 1] = length
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) {
        this.#length = start
        return false
      }
      bytes[start + 2 + index] = unit
    }
    return true
  }

  /** A copy of them. */
  bytes(bytes: Uint8Array): void {
    const start = this.#reserve(bytes.length)
    this.#bytes.set(bytes, start)
  }

  /** What was written, without a copy: write no more after it. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Makes room and returns where it starts. May replace the Buffer, so call it before reading `#bytes`. */
  #reserve(length: number): number {
    const start = this.#length
    const end = start + length
    if (end > this.#limit) {
      throw new AmfError('RTMP_ERR_AMF_BYTE_LENGTH', `more than ${this.#limit} bytes in one message`)
    }
    if (end > this.#bytes.length) this.#grow(end)
    this.#length = end
    return start
  }

  #grow(length: number): void {
    const bytes = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }
}
