import { decodeAmf0 } from './amf0/decode.ts'
import { Amf0Marker } from './amf0/marker.ts'
import { Amf0Writer } from './amf0/writer.ts'
import type { ExternalizableCodecs } from './amf3/externalizable-codec.ts'
import { type AmfLimits, defaultAmfLimits } from './limits.ts'
import type { AmfValue } from './value.ts'

const formatSelector = Buffer.of(0)
/** A body and its selector fill a message. */
const bodyLimits: AmfLimits = { ...defaultAmfLimits, byteLength: defaultAmfLimits.byteLength - formatSelector.length }

/**
 * The values of an AMF3 data or command message (types 15 and 17): after a format selector, which says nothing, they are
 * AMF0, each of which may switch to AMF3. Senders that leave the selector out are understood. Throws {@link AmfError}.
 */
export function decodeAmf3Body(
  body: Uint8Array,
  limits?: Partial<AmfLimits>,
  codecs?: ExternalizableCodecs,
): AmfValue[] {
  return decodeAmf0(withoutFormatSelector(body), limits, codecs)
}

/** The AMF0 values in the body of an AMF3 data or command message (types 15 and 17); not copied. */
export function withoutFormatSelector(body: Uint8Array): Uint8Array {
  // Both kinds of message begin with a name.
  return body[0] === Amf0Marker.String ? body : body.subarray(formatSelector.length)
}

/**
 * The body of an AMF3 data or command message (types 15 and 17). What is to be AMF3 in it goes into an {@link AvmPlus};
 * everything else is AMF0. Throws {@link AmfError}.
 */
export function encodeAmf3Body(...values: readonly AmfValue[]): Buffer {
  const writer = new Amf0Writer(bodyLimits)
  for (const value of values) writer.write(value)
  return Buffer.concat([formatSelector, writer.finish()])
}
