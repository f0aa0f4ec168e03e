import type { AmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import type { ExternalizableCodecs } from './externalizable-codec.ts'
import { Amf3Reader } from './reader.ts'

/** All AMF3 values up to the end of the bytes, which share their references. Throws {@link AmfError} and nothing else. */
export function decodeAmf3(bytes: Uint8Array, limits?: Partial<AmfLimits>, codecs?: ExternalizableCodecs): AmfValue[] {
  const reader = new Amf3Reader(bytes, limits, codecs)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.read())
  return values
}
