/**
 * AMF0 and AMF3: the values RTMP commands, metadata and shared objects are made of, as bytes and back. Made for bytes
 * from strangers: everything is bounded, and whatever is wrong is one {@link AmfError} with a stable code.
 *
 * @example
 * ```ts
 * import { decodeAmf0, EcmaArray, encodeAmf0, propertiesOf } from '@rtmpipe/amf'
 *
 * const bytes = encodeAmf0('onMetaData', new EcmaArray({ width: 1280, height: 720 }))
 * const [name, metadata] = decodeAmf0(bytes)
 * propertiesOf(metadata)?.width // 1280
 * ```
 *
 * It does not frame messages, know what a command means, or make instances of classes by the names in the bytes.
 *
 * @packageDocumentation
 */
export { decodeAmf0 } from './amf0/decode.ts'
export { encodeAmf0 } from './amf0/encode.ts'
export { Amf0Reader } from './amf0/reader.ts'
export { salvageAmf0, type SalvagedAmf0 } from './amf0/salvage.ts'
export { Amf0Writer } from './amf0/writer.ts'
export { decodeAmf3Body, encodeAmf3Body, withoutFormatSelector } from './amf3-body.ts'
export { decodeAmf3 } from './amf3/decode.ts'
export { encodeAmf3 } from './amf3/encode.ts'
export {
  defaultExternalizableCodecs,
  type ExternalizableCodec,
  type ExternalizableCodecs,
} from './amf3/externalizable-codec.ts'
export type { ExternalizableInput } from './amf3/externalizable-input.ts'
export type { ExternalizableOutput } from './amf3/externalizable-output.ts'
export { Amf3Reader } from './amf3/reader.ts'
export { Amf3Writer } from './amf3/writer.ts'
export { AvmPlus } from './avm-plus.ts'
export { Dictionary } from './dictionary.ts'
export { EcmaArray } from './ecma-array.ts'
export { AmfError, type AmfErrorCode } from './errors.ts'
export { ExternalizableObject } from './externalizable-object.ts'
export { type AmfLimits, defaultAmfLimits } from './limits.ts'
export { NumberVector } from './number-vector.ts'
export { ObjectVector } from './object-vector.ts'
export { propertiesOf } from './properties-of.ts'
export { splitSharedObjectBody, type SharedObjectBody } from './shared-object-body.ts'
export { decodeText } from './text.ts'
export { TypedObject } from './typed-object.ts'
export { Unsupported } from './unsupported.ts'
export type { AmfObject, AmfValue } from './value.ts'
export { XmlDocument } from './xml-document.ts'
export { Xml } from './xml.ts'
