import { EcmaArray } from './ecma-array.ts'
import { TypedObject } from './typed-object.ts'
import { Unsupported } from './unsupported.ts'
import type { AmfObject, AmfValue } from './value.ts'
import { XmlDocument } from './xml-document.ts'

/**
 * The members of an object, ECMA array or typed object; undefined for everything else. Peers send metadata and command
 * objects as any of the three.
 */
export function propertiesOf(value: AmfValue): AmfObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  if (value instanceof EcmaArray || value instanceof TypedObject) return value.properties
  if (value instanceof Date || value instanceof XmlDocument || value instanceof Unsupported) return undefined
  return value as AmfObject
}
