import {
  type AmfValue,
  Dictionary,
  EcmaArray,
  ExternalizableObject,
  NumberVector,
  ObjectVector,
  propertiesOf,
  TypedObject,
  Unsupported,
  Xml,
  XmlDocument,
} from '@rtmpipe/amf'

/** What JSON can say. What AMF has beyond that is an object with `$amf`, the name of its type. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

/** Values of one message that are shown; the rest is `{ "$amf": "Cut" }`. References can make a few bytes endless. */
const maxValues = 5_000

/** AMF values as JSON can say them. Strings go through `text`, with the key they stand under; keys and names of classes through `name`. */
export function plainValues(
  values: readonly AmfValue[],
  text: (value: string, key: string | undefined) => string = value => value,
  name: (value: string) => string = value => value,
): PlainValue[] {
  const path = new Set<AmfValue>()
  let budget = maxValues

  function plain(value: AmfValue, key?: string): PlainValue {
    if (--budget < 0) return { $amf: 'Cut' }
    if (value === undefined) return { $amf: 'Undefined' }
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'string') return text(value, key)
    if (typeof value === 'number') return Number.isFinite(value) ? value : { $amf: 'Number', value: String(value) }
    if (path.has(value)) return { $amf: 'Cycle' }
    path.add(value)
    const result = composite(value, key)
    path.delete(value)
    return result
  }

  function composite(value: Exclude<AmfValue, null | undefined | boolean | number | string>, key?: string): PlainValue {
    if (Array.isArray(value)) return list(value, key)
    if (value instanceof Date) return { $amf: 'Date', value: Number.isNaN(+value) ? null : value.toISOString() }
    if (value instanceof EcmaArray) {
      const values = value.values.length === 0 ? {} : { values: list(value.values, key) }
      return { $amf: 'EcmaArray', members: members(value.properties), ...values }
    }
    if (value instanceof TypedObject) {
      return { $amf: 'TypedObject', className: name(value.className), members: members(value.properties) }
    }
    if (value instanceof XmlDocument || value instanceof Xml) return { $amf: 'Xml', value: text(value.text, key) }
    if (value instanceof Unsupported) return { $amf: 'Unsupported' }
    if (value instanceof NumberVector) return { $amf: 'Vector', values: list([...value.values.subarray(0, maxValues)]) }
    if (value instanceof ObjectVector) return { $amf: 'Vector', values: list(value.values, key) }
    if (value instanceof Dictionary) {
      return {
        $amf: 'Dictionary',
        entries: take(value.entries).map(([entry, item]) => [plain(entry), plain(item, key)]),
      }
    }
    if (value instanceof ExternalizableObject) {
      return { $amf: 'Externalizable', className: name(value.className), content: plain(value.content, key) }
    }
    if (value instanceof Uint8Array) return { $amf: 'ByteArray', length: value.length }
    if (ArrayBuffer.isView(value)) return { $amf: 'Vector', values: list([...value.subarray(0, maxValues)]) }
    const properties = propertiesOf(value)
    return properties === undefined ? { $amf: 'Unknown' } : members(properties)
  }

  function list(values: readonly AmfValue[], key?: string): PlainValue[] {
    return take(values).map(value => plain(value, key))
  }

  function members(properties: { readonly [key: string]: AmfValue }): { readonly [key: string]: PlainValue } {
    // fromEntries defines, so no key reaches a prototype.
    return Object.fromEntries(
      take(Object.entries(properties)).map(([key, value]) => [key === '$amf' ? '$$amf' : name(key), plain(value, key)]),
    )
  }

  function take<T>(items: readonly T[]): readonly T[] {
    return items.slice(0, Math.max(0, budget))
  }

  return values.map(value => plain(value))
}
