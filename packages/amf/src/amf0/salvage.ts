import type { ExternalizableCodecs } from '../amf3/externalizable-codec.ts'
import { AmfError, type AmfErrorCode } from '../errors.ts'
import type { AmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import { Amf0Reader } from './reader.ts'

/** What could be read of a message. */
export interface SalvagedAmf0 {
  /** The values up to the fault. The last may be an object or array that lacks what stood at and behind the fault. */
  readonly values: AmfValue[]
  /** Why there are no more; undefined when everything was read. */
  readonly fault?: AmfError
}

/** Not that bytes make no sense, but that they would cost too much. */
const costly: ReadonlySet<AmfErrorCode> = new Set([
  'RTMP_ERR_AMF_DEPTH',
  'RTMP_ERR_AMF_ELEMENTS',
  'RTMP_ERR_AMF_BYTE_LENGTH',
  'RTMP_ERR_AMF_LIMITS',
])

/**
 * As {@link decodeAmf0}, for bytes of peers that put something unreadable behind what they mean: padding, an object
 * without its end, an end twice. Reading stops there, and what has been read is the result. A length beyond the limits
 * counts as unreadable.
 *
 * @param most how many values to read; default all
 * @throws AmfError when `depth`, `elements` or `byteLength` is crossed
 */
export function salvageAmf0(
  bytes: Uint8Array,
  most: number = Infinity,
  limits?: Partial<AmfLimits>,
  codecs?: ExternalizableCodecs,
): SalvagedAmf0 {
  const reader = new Amf0Reader(bytes, limits, codecs)
  const values: AmfValue[] = []
  try {
    while (!reader.done && values.length < most) values.push(reader.read())
    return { values }
  } catch (error) {
    if (!(error instanceof AmfError) || costly.has(error.code)) throw error
    if (reader.unfinished !== undefined) values.push(reader.unfinished)
    return { values, fault: error }
  }
}
