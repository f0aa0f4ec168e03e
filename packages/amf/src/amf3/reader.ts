import { ByteReader } from '../byte-reader.ts'
import { AmfError } from '../errors.ts'
import { type AmfLimits, resolveAmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import { defaultExternalizableCodecs, type ExternalizableCodecs } from './externalizable-codec.ts'
import { Amf3ValueReader } from './value-reader.ts'

/**
 * Reads AMF3 values one after another, as {@link Amf0Reader} does AMF0. References reach back over all of them; what
 * `ByteArray.writeObject` wrote several times takes a reader each. After an error the reader is spent.
 */
export class Amf3Reader {
  readonly #in: ByteReader
  readonly #values: Amf3ValueReader

  /** Throws {@link AmfError} `RTMP_ERR_AMF_BYTE_LENGTH` or `RTMP_ERR_AMF_LIMITS`. The bytes are not kept by any value. */
  constructor(
    bytes: Uint8Array,
    limits?: Partial<AmfLimits>,
    codecs: ExternalizableCodecs = defaultExternalizableCodecs,
  ) {
    const resolved = resolveAmfLimits(limits)
    if (bytes.length > resolved.byteLength) {
      throw new AmfError('RTMP_ERR_AMF_BYTE_LENGTH', `${bytes.length} bytes exceed ${resolved.byteLength}`)
    }
    this.#in = new ByteReader(bytes)
    this.#values = new Amf3ValueReader(this.#in, resolved, codecs)
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#in.position
  }

  /** True when all bytes are read. */
  get done(): boolean {
    return this.#in.remaining === 0
  }

  /** The next value. Throws {@link AmfError}; `RTMP_ERR_AMF_TRUNCATED` when done. */
  read(): AmfValue {
    return this.#values.value(0)
  }
}
