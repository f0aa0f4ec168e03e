import type { ByteWriter } from '../byte-writer.ts'
import { AmfError } from '../errors.ts'
import type { AmfValue } from '../value.ts'

/**
 * What an {@link ExternalizableCodec} writes to, as `flash.utils.IDataOutput`; numbers are big-endian and of bits too
 * many only the low ones are kept. All methods throw {@link AmfError}.
 */
export class ExternalizableOutput {
  readonly #out: ByteWriter
  readonly #value: (value: AmfValue) => void

  /** @internal */
  constructor(bytes: ByteWriter, value: (value: AmfValue) => void) {
    this.#out = bytes
    this.#value = value
  }

  /** A byte, as `writeByte`. */
  uint8(value: number): void {
    this.#out.uint8(value & 0xff)
  }

  /** Two bytes, as `writeShort`. */
  uint16(value: number): void {
    this.#out.uint16(value & 0xffff)
  }

  /** Four bytes with a sign, as `writeInt`. */
  int32(value: number): void {
    this.#out.int32(value | 0)
  }

  /** Four bytes without a sign, as `writeUnsignedInt`. */
  uint32(value: number): void {
    this.#out.uint32(value >>> 0)
  }

  /** Eight bytes, IEEE 754, as `writeDouble`. */
  double(value: number): void {
    this.#out.double(value)
  }

  /** UTF-8 after its length in 16 bits, as `writeUTF`; at most 65,535 bytes. */
  text(text: string): void {
    const byteLength = Buffer.byteLength(text)
    if (byteLength > 0xffff) {
      throw new AmfError('RTMP_ERR_AMF_STRING_LENGTH', `string of ${byteLength} bytes exceeds 65535`)
    }
    this.#out.uint16(byteLength)
    this.#out.text(text, byteLength)
  }

  /** Without a length before them. */
  bytes(bytes: Uint8Array): void {
    this.#out.bytes(bytes)
  }

  /** An AMF3 value, as `writeObject`. */
  value(value: AmfValue): void {
    this.#value(value)
  }
}
