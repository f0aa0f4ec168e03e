import { EcmaArray } from './ecma-array.ts'
import { isPlain } from './keys-of.ts'
import { TypedObject } from './typed-object.ts'
import type { AmfObject, AmfValue } from './value.ts'

/**
 * The members of an object, ECMA array or typed object; undefined for everything else. Peers send metadata and command
 * objects as any of the three.
 */
export function propertiesOf(value: AmfValue): AmfObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof EcmaArray || value instanceof TypedObject) return value.properties
  return isPlain(value) ? value : undefined
}
