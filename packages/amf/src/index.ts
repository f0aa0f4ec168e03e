/**
 * AMF0: the values RTMP commands, metadata and shared objects are made of, as bytes and back. Made for bytes from
 * strangers: everything is bounded, and whatever is wrong is one {@link AmfError} with a stable code.
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
 * It does not read AMF3 (marker 0x11 is an error), frame messages, or know what a command means.
 *
 * @packageDocumentation
 */
export { decodeAmf0 } from './amf0/decode.ts'
export { encodeAmf0 } from './amf0/encode.ts'
export { Amf0Reader } from './amf0/reader.ts'
export { Amf0Writer } from './amf0/writer.ts'
export { EcmaArray } from './ecma-array.ts'
export { AmfError, type AmfErrorCode } from './errors.ts'
export { type AmfLimits, defaultAmfLimits } from './limits.ts'
export { propertiesOf } from './properties-of.ts'
export { TypedObject } from './typed-object.ts'
export { Unsupported } from './unsupported.ts'
export type { AmfObject, AmfValue } from './value.ts'
export { XmlDocument } from './xml-document.ts'
