import type { EcmaArray } from './ecma-array.ts'
import type { TypedObject } from './typed-object.ts'
import type { Unsupported } from './unsupported.ts'
import type { XmlDocument } from './xml-document.ts'

/** Whatever AMF can carry. A decoded value may be cyclic: guard `JSON.stringify`, deep clones and logs. */
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

/**
 * An anonymous object. Decoded ones have a null prototype and never a `__proto__` key (it is dropped, so that
 * `Object.assign` cannot reach a prototype either); every other key is plain data. Of duplicate keys the last wins.
 */
export interface AmfObject {
  readonly [key: string]: AmfValue
}
