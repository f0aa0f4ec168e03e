import type { AmfValue } from '../value.ts'
import { Amf0Writer } from './writer.ts'

/**
 * The values as one message within {@link defaultAmfLimits}; an {@link Amf0Writer} takes others. Throws
 * {@link AmfError}.
 *
 * Plain objects become Object, {@link EcmaArray} ECMA array, arrays strict array, what is in an
 * {@link AvmPlus} AMF3. Properties that are undefined are written as such, which FFmpeg cannot skip: leave them out of
 * what it is to read.
 */
export function encodeAmf0(...values: readonly AmfValue[]): Buffer {
  const writer = new Amf0Writer()
  for (const value of values) writer.write(value)
  return writer.finish()
}
