import { AmfError } from './errors.ts'
import type { AmfObject } from './value.ts'

/**
 * Whether it has no prototype or that of object literals, in whichever realm: a Map, a Buffer or an instance of a class
 * has another one above it, and would be written as something it is not.
 */
export function isPlain(object: object): object is AmfObject {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Only of plain objects. Throws {@link AmfError} `RTMP_ERR_AMF_VALUE` for others. */
export function keysOf(object: object): string[] {
  if (isPlain(object)) return Object.keys(object)
  throw new AmfError('RTMP_ERR_AMF_VALUE', 'AMF has no type for this: a Map, a view or an instance of a class')
}
