import type { ByteReader } from '../byte-reader.ts'
import { AmfError } from '../errors.ts'
import type { AmfValue } from '../value.ts'
import type { StringReader } from './string-reader.ts'

/**
 * What an {@link ExternalizableCodec} reads from, as `flash.utils.IDataInput`; numbers are big-endian. All methods throw
 * {@link AmfError}.
 */
export class ExternalizableInput {
  readonly #in: ByteReader
  readonly #strings: StringReader
  readonly #value: () => AmfValue

  /** @internal */
  constructor(bytes: ByteReader, strings: StringReader, value: () => AmfValue) {
    this.#in = bytes
    this.#strings = strings
    this.#value = value
  }

  /** A byte, 0 to 255, as `readUnsignedByte`. */
  uint8(): number {
    return this.#in.uint8()
  }

  /** Two bytes, 0 to 65,535, as `readUnsignedShort`. */
  uint16(): number {
    return this.#in.uint16()
  }

  /** Four bytes with a sign, as `readInt`. */
  int32(): number {
    return this.#in.int32()
  }

  /** Four bytes without a sign, as `readUnsignedInt`. */
  uint32(): number {
    return this.#in.uint32()
  }

  /** Eight bytes, IEEE 754, as `readDouble`. */
  double(): number {
    return this.#in.double()
  }

  /** UTF-8 after its length in 16 bits, as `readUTF`. */
  text(): string {
    return this.#strings.text(this.#in.uint16())
  }

  /** A copy. The length may come from the bytes: less than 0 is an error. */
  bytes(length: number): Uint8Array {
    if (!Number.isInteger(length) || length < 0) {
      throw new AmfError('RTMP_ERR_AMF_EXTERNALIZABLE', `${length} bytes wanted by a codec`)
    }
    return this.#in.bytes(length)
  }

  /** An AMF3 value, as `readObject`. */
  value(): AmfValue {
    return this.#value()
  }
}
