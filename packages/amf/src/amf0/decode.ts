import type { ExternalizableCodecs } from '../amf3/externalizable-codec.ts'
import type { AmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import { Amf0Reader } from './reader.ts'

/**
 * All values up to the end of the bytes, which hold one message; those in AMF3 (marker 0x11) like the others. Throws
 * {@link AmfError} and nothing else.
 */
export function decodeAmf0(bytes: Uint8Array, limits?: Partial<AmfLimits>, codecs?: ExternalizableCodecs): AmfValue[] {
  const reader = new Amf0Reader(bytes, limits, codecs)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.read())
  return values
}
