import type { AmfLimits } from '../limits.ts'
import type { AmfValue } from '../value.ts'
import { Amf0Reader } from './reader.ts'

/** All values up to the end of the bytes, which hold one message. Throws {@link AmfError} and nothing else. */
export function decodeAmf0(bytes: Uint8Array, limits?: Partial<AmfLimits>): AmfValue[] {
  const reader = new Amf0Reader(bytes, limits)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.read())
  return values
}
