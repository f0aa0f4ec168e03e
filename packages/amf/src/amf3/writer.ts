import { ByteWriter } from '../byte-writer.ts'
import { type AmfLimits, resolveAmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import { defaultExternalizableCodecs, type ExternalizableCodecs } from './externalizable-codec.ts'
import { Amf3ValueWriter } from './value-writer.ts'

/**
 * Writes AMF3 values, as {@link Amf0Writer} does AMF0. Strings, objects and traits that occur again, in whichever value,
 * are references. After an error the writer is spent.
 */
export class Amf3Writer {
  readonly #out: ByteWriter
  readonly #values: Amf3ValueWriter

  /** Throws {@link AmfError} `RTMP_ERR_AMF_LIMITS`. */
  constructor(limits?: Partial<AmfLimits>, codecs: ExternalizableCodecs = defaultExternalizableCodecs) {
    const resolved = resolveAmfLimits(limits)
    this.#out = new ByteWriter(resolved.byteLength)
    this.#values = new Amf3ValueWriter(this.#out, resolved, codecs)
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#out.length
  }

  /** Throws {@link AmfError} for what AMF3 cannot carry and for crossed limits. */
  write(value: AmfValue): void {
    this.#values.value(value, 0)
  }

  /** The bytes of all values. Write no more after it. */
  finish(): Buffer {
    return this.#out.finish()
  }
}
