import type { AvmPlus } from './avm-plus.ts'
import type { Dictionary } from './dictionary.ts'
import type { EcmaArray } from './ecma-array.ts'
import type { ExternalizableObject } from './externalizable-object.ts'
import type { NumberVector } from './number-vector.ts'
import type { ObjectVector } from './object-vector.ts'
import type { TypedObject } from './typed-object.ts'
import type { Unsupported } from './unsupported.ts'
import type { XmlDocument } from './xml-document.ts'
import type { Xml } from './xml.ts'

/**
 * Whatever AMF can carry. {@link Unsupported} is AMF0 only; bytes and what stands after them is AMF3 only, and in AMF0
 * goes into an {@link AvmPlus}. A decoded value may be cyclic: guard `JSON.stringify`, deep clones and logs.
 */
export type AmfValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | Date
  | readonly AmfValue[]
  | AmfObject
  | EcmaArray
  | TypedObject
  | XmlDocument
  | Unsupported
  | AvmPlus
  | Uint8Array
  | Int32Array
  | Uint32Array
  | Float64Array
  | NumberVector
  | ObjectVector
  | Dictionary
  | Xml
  | ExternalizableObject

/**
 * An anonymous object. Decoded ones have a null prototype and never a `__proto__` key (it is dropped, so that
 * `Object.assign` cannot reach a prototype either); every other key is plain data. Of duplicate keys the last wins.
 */
export interface AmfObject {
  readonly [key: string]: AmfValue
}
