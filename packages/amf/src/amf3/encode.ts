import type { AmfValue } from '../value.ts'
import { Amf3Writer } from './writer.ts'

/**
 * The values in AMF3 within {@link defaultAmfLimits}; an {@link Amf3Writer} takes others, and codecs. For AMF3 alone: a
 * message has it inside AMF0, see {@link AvmPlus} and {@link encodeAmf3Body}. Throws {@link AmfError}.
 *
 * Numbers become integer where they can, else double; plain objects are dynamic, and arrays dense.
 */
export function encodeAmf3(...values: readonly AmfValue[]): Buffer {
  const writer = new Amf3Writer()
  for (const value of values) writer.write(value)
  return writer.finish()
}
