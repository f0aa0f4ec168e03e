import { AvmPlus } from '../avm-plus.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { Dictionary } from '../dictionary.ts'
import { EcmaArray } from '../ecma-array.ts'
import { AmfError } from '../errors.ts'
import { ExternalizableObject } from '../externalizable-object.ts'
import { keysOf } from '../keys-of.ts'
import type { AmfLimits } from '../limits.ts'
import { NumberVector } from '../number-vector.ts'
import { ObjectVector } from '../object-vector.ts'
import { TypedObject } from '../typed-object.ts'
import { Unsupported } from '../unsupported.ts'
import type { AmfObject, AmfValue } from '../value.ts'
import { XmlDocument } from '../xml-document.ts'
import { Xml } from '../xml.ts'
import { Budget } from './budget.ts'
import type { ExternalizableCodecs } from './externalizable-codec.ts'
import { ExternalizableOutput } from './externalizable-output.ts'
import { Amf3Marker } from './marker.ts'
import { isNumbers, type Numbers, vectorMarkerOf, writeNumbers } from './number-vectors.ts'
import { StringWriter } from './string-writer.ts'
import { TraitsWriter } from './traits-writer.ts'
import { isInteger } from './u29.ts'

const noNames: readonly string[] = []

/** AMF3 values into bytes that may hold others too, and the tables they share. */
export class Amf3ValueWriter {
  readonly #out: ByteWriter
  /** Counts on over what others wrote of the message. */
  readonly budget: Budget
  readonly #codecs: ExternalizableCodecs
  readonly #strings: StringWriter
  readonly #traits: TraitsWriter
  /** What can be referred to, and its index in the reader's table. */
  readonly #objects = new Map<object, number>()
  #objectCount = 0

  constructor(bytes: ByteWriter, limits: AmfLimits, codecs: ExternalizableCodecs) {
    this.#out = bytes
    this.budget = new Budget(limits)
    this.#codecs = codecs
    this.#strings = new StringWriter(bytes, limits)
    this.#traits = new TraitsWriter(bytes, this.#strings)
  }

  /**
   * Between values inside AMF0: refers to nothing before it. Some readers begin new tables with each value, others keep
   * them for the message, so from here on only objects that occur twice in one value are referred to, by their index in
   * the message (AMF3 §4.1).
   */
  separate(): void {
    this.#strings.spellOut()
    this.#objects.clear()
  }

  /** Inside so many objects. */
  value(value: AmfValue, depth: number): void {
    this.budget.count()
    switch (typeof value) {
      case 'number':
        return this.#number(value)
      case 'string':
        this.#out.uint8(Amf3Marker.String)
        return this.#strings.string(value)
      case 'boolean':
        return this.#out.uint8(value ? Amf3Marker.True : Amf3Marker.False)
      case 'undefined':
        return this.#out.uint8(Amf3Marker.Undefined)
      case 'object':
        if (value === null) this.#out.uint8(Amf3Marker.Null)
        else this.#complex(value, depth)
        return
      default:
        throw new AmfError('RTMP_ERR_AMF_VALUE', `AMF has no ${typeof value}`)
    }
  }

  #number(value: number): void {
    if (isInteger(value)) {
      this.#out.uint8(Amf3Marker.Integer)
      this.#out.u29(value & 0x1fff_ffff)
    } else {
      this.#out.uint8(Amf3Marker.Double)
      this.#out.double(value)
    }
  }

  #complex(value: NonNullable<AmfValue> & object, depth: number): void {
    if (value instanceof Date) this.#date(value)
    else if (isArray(value)) this.#array(value, depth + 1)
    else if (value instanceof EcmaArray) this.#ecmaArray(value, depth + 1)
    else if (value instanceof TypedObject) this.#typedObject(value, depth + 1)
    else if (value instanceof Xml) this.#xml(Amf3Marker.Xml, value)
    else if (value instanceof XmlDocument) this.#xml(Amf3Marker.XmlDocument, value)
    else if (value instanceof Uint8Array) this.#byteArray(value)
    else if (isNumbers(value)) this.#numberVector(value, value, true)
    else if (value instanceof NumberVector) this.#numberVector(value, value.values, false)
    else if (value instanceof ObjectVector) this.#objectVector(value, depth + 1)
    else if (value instanceof Dictionary) this.#dictionary(value, depth + 1)
    else if (value instanceof ExternalizableObject) this.#externalizable(value, depth + 1)
    else if (value instanceof AvmPlus) this.#avmPlus(value, depth + 1)
    else if (value instanceof Unsupported) throw new AmfError('RTMP_ERR_AMF_VALUE', 'AMF3 has no unsupported')
    else this.#object(value, value, depth + 1)
  }

  /** Writes the marker, and a reference if it was written before: true says that nothing is left to do. */
  #refers(marker: number, value: object): boolean {
    this.#out.uint8(marker)
    const index = this.#objects.get(value)
    if (index === undefined) {
      this.#objects.set(value, this.#objectCount++)
      return false
    }
    this.#out.u29(index * 2)
    return true
  }

  #date(date: Date): void {
    if (this.#refers(Amf3Marker.Date, date)) return
    this.#out.u29(1)
    this.#out.double(date.getTime())
  }

  #xml(marker: number, xml: Xml | XmlDocument): void {
    if (!this.#refers(marker, xml)) this.#strings.text(xml.text)
  }

  #byteArray(bytes: Uint8Array): void {
    if (this.#refers(Amf3Marker.ByteArray, bytes)) return
    this.#out.u29(bytes.length * 2 + 1)
    this.#out.bytes(bytes)
  }

  #array(values: readonly AmfValue[], depth: number): void {
    if (this.#refers(Amf3Marker.Array, values)) return
    this.budget.enter(depth)
    this.#length(values.length)
    this.#strings.string('')
    this.#values(values, depth)
  }

  #ecmaArray(array: EcmaArray, depth: number): void {
    if (this.#refers(Amf3Marker.Array, array)) return
    this.budget.enter(depth)
    const { properties, values } = array
    const keys = keysOf(properties)
    // It would end the members.
    if (Object.hasOwn(properties, '')) throw new AmfError('RTMP_ERR_AMF_VALUE', 'AMF3 arrays have no empty key')
    this.#length(values.length)
    this.#members(properties, keys, depth)
    this.#values(values, depth)
  }

  #typedObject(object: TypedObject, depth: number): void {
    const { className, properties, sealed } = object
    if (className === '') return this.#object(object, properties, depth)
    if (this.#refers(Amf3Marker.Object, object)) return
    this.budget.enter(depth)
    const keys = keysOf(properties)
    if (sealed !== undefined) return this.#dynamic(className, properties, keys, sealed, depth)
    this.#traits.write({ className, externalizable: false, dynamic: false, sealed: keys })
    for (const key of keys) this.value(properties[key], depth)
  }

  #object(object: object, properties: AmfObject, depth: number): void {
    if (this.#refers(Amf3Marker.Object, object)) return
    this.budget.enter(depth)
    this.#dynamic('', properties, keysOf(properties), noNames, depth)
  }

  #dynamic(
    className: string,
    properties: AmfObject,
    keys: readonly string[],
    declared: readonly string[],
    depth: number,
  ): void {
    // Among the members of its own an empty key would be their end.
    const sealed = Object.hasOwn(properties, '') && !declared.includes('') ? [...declared, ''] : declared
    this.#traits.write({ className, externalizable: false, dynamic: true, sealed })
    for (const name of sealed) this.value(Object.hasOwn(properties, name) ? properties[name] : undefined, depth)
    if (sealed.length === 0) return this.#members(properties, keys, depth)
    const names = new Set(sealed)
    this.#members(
      properties,
      keys.filter(key => !names.has(key)),
      depth,
    )
  }

  #members(properties: AmfObject, keys: readonly string[], depth: number): void {
    for (const key of keys) {
      this.#strings.string(key)
      this.value(properties[key], depth)
    }
    this.#strings.string('')
  }

  #numberVector(vector: object, numbers: Numbers, fixed: boolean): void {
    if (this.#refers(vectorMarkerOf(numbers), vector)) return
    this.#length(numbers.length)
    this.#out.uint8(fixed ? 1 : 0)
    writeNumbers(numbers, this.#out)
  }

  #objectVector(vector: ObjectVector, depth: number): void {
    if (this.#refers(Amf3Marker.VectorObject, vector)) return
    this.budget.enter(depth)
    this.#length(vector.values.length)
    this.#out.uint8(vector.fixed ? 1 : 0)
    this.#strings.string(vector.typeName)
    this.#values(vector.values, depth)
  }

  #dictionary(dictionary: Dictionary, depth: number): void {
    if (this.#refers(Amf3Marker.Dictionary, dictionary)) return
    this.budget.enter(depth)
    this.#length(dictionary.entries.length)
    this.#out.uint8(dictionary.weakKeys ? 1 : 0)
    for (const [key, value] of dictionary.entries) {
      this.value(key, depth)
      this.value(value, depth)
    }
  }

  #externalizable(object: ExternalizableObject, depth: number): void {
    if (this.#refers(Amf3Marker.Object, object)) return
    this.budget.enter(depth)
    const { className, content } = object
    const codec = this.#codecs.get(className)
    const name = JSON.stringify(className.slice(0, 100))
    if (codec === undefined) throw new AmfError('RTMP_ERR_AMF_EXTERNALIZABLE', `no codec for externalizable ${name}`)
    this.#traits.write({ className, externalizable: true, dynamic: false, sealed: noNames })
    const output = new ExternalizableOutput(this.#out, value => this.value(value, depth))
    try {
      codec.write(output, content)
    } catch (cause) {
      if (cause instanceof AmfError) throw cause
      throw new AmfError('RTMP_ERR_AMF_EXTERNALIZABLE', `externalizable ${name} cannot be written`, { cause })
    }
  }

  #avmPlus(wrapper: AvmPlus, depth: number): void {
    this.budget.enter(depth)
    this.value(wrapper.value, depth)
  }

  #values(values: readonly AmfValue[], depth: number): void {
    for (let index = 0; index < values.length; index++) this.value(values[index], depth)
  }

  #length(length: number): void {
    this.budget.length(length)
    this.#out.u29(length * 2 + 1)
  }
}

// Array.isArray does not narrow a readonly array.
function isArray(value: object): value is readonly AmfValue[] {
  return Array.isArray(value)
}
