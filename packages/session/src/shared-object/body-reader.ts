import { type AmfValue, decodeText } from '@rtmpipe/amf'
import { ProtocolError } from '@rtmpipe/chunk-stream'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'
import { readValue, readValues } from './amf-values.ts'

/** A cursor over a shared object message that never reads past its end. */
export class BodyReader {
  readonly #bytes: Buffer
  readonly #encoding: ObjectEncoding
  #position = 0

  /** @param encoding of the values in it */
  constructor(bytes: Buffer, encoding: ObjectEncoding = 0) {
    this.#bytes = bytes
    this.#encoding = encoding
  }

  get done(): boolean {
    return this.#position === this.#bytes.length
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  bytes(length: number): Buffer {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A 16 bit length and UTF-8; see `decodeText` of `@rtmpipe/amf`. */
  text(): string {
    return decodeText(this.bytes(this.#bytes.readUInt16BE(this.#take(2))))
  }

  /** @throws AmfError */
  value(): AmfValue {
    const { value, length } = readValue(this.#bytes.subarray(this.#position), this.#encoding)
    this.#position += length
    return value
  }

  /** All values up to the end. @throws AmfError */
  values(): AmfValue[] {
    return readValues(this.bytes(this.#bytes.length - this.#position), this.#encoding)
  }

  #take(length: number): number {
    const start = this.#position
    if (length > this.#bytes.length - start) {
      const left = this.#bytes.length - start
      throw malformed(`${length} bytes are wanted where ${left} are left`)
    }
    this.#position = start + length
    return start
  }
}

export function malformed(reason: string, options?: ErrorOptions): ProtocolError {
  return new ProtocolError('message', 'RTMP_ERR_SHARED_OBJECT', `unreadable shared object message: ${reason}`, options)
}
