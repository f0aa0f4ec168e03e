import type { ByteReader } from '../byte-reader.ts'
import { Dictionary } from '../dictionary.ts'
import { EcmaArray } from '../ecma-array.ts'
import { AmfError } from '../errors.ts'
import { ExternalizableObject } from '../externalizable-object.ts'
import type { AmfLimits } from '../limits.ts'
import { NumberVector } from '../number-vector.ts'
import { ObjectVector } from '../object-vector.ts'
import { TypedObject } from '../typed-object.ts'
import type { AmfValue } from '../value.ts'
import { XmlDocument } from '../xml-document.ts'
import { Xml } from '../xml.ts'
import { Budget } from './budget.ts'
import type { ExternalizableCodecs } from './externalizable-codec.ts'
import { ExternalizableInput } from './externalizable-input.ts'
import { Amf3Marker } from './marker.ts'
import { Members } from './members.ts'
import { readNumbers } from './number-vectors.ts'
import { ReferenceTable } from './reference-table.ts'
import { StringReader } from './string-reader.ts'
import type { Traits } from './traits.ts'
import { toInteger } from './u29.ts'

/** AMF3 values from bytes that may hold others too, and the tables they share. */
export class Amf3ValueReader {
  readonly #in: ByteReader
  /** Counts on over what others read of the message. */
  readonly budget: Budget
  readonly #codecs: ExternalizableCodecs
  readonly #strings: StringReader
  readonly #objects = new ReferenceTable<AmfValue>('object')
  readonly #traits = new ReferenceTable<Traits>('traits')

  constructor(bytes: ByteReader, limits: AmfLimits, codecs: ExternalizableCodecs) {
    this.#in = bytes
    this.budget = new Budget(limits)
    this.#codecs = codecs
    this.#strings = new StringReader(bytes, limits)
  }

  /** Inside so many objects. */
  value(depth: number): AmfValue {
    const marker = this.#in.uint8()
    this.budget.count()
    switch (marker) {
      case Amf3Marker.Undefined:
        return undefined
      case Amf3Marker.Null:
        return null
      case Amf3Marker.False:
        return false
      case Amf3Marker.True:
        return true
      case Amf3Marker.Integer:
        return toInteger(this.#in.u29())
      case Amf3Marker.Double:
        return this.#in.double()
      case Amf3Marker.String:
        return this.#strings.string()
    }
    if (marker <= Amf3Marker.Dictionary) return this.#complex(marker, depth)
    const digits = marker.toString(16).padStart(2, '0')
    throw new AmfError('RTMP_ERR_AMF_MARKER', `AMF3 marker 0x${digits} at byte ${this.#in.position - 1}`)
  }

  /** What can be referred to. Whether a reference leads to the type its marker says is not checked: it is what it is. */
  #complex(marker: number, depth: number): AmfValue {
    const header = this.#in.u29()
    const rest = header >> 1
    if ((header & 1) === 0) return this.#objects.get(rest)
    switch (marker) {
      case Amf3Marker.XmlDocument:
        return this.#objects.add(new XmlDocument(this.#strings.text(rest)))
      case Amf3Marker.Date:
        return this.#objects.add(new Date(this.#in.double()))
      case Amf3Marker.Array:
        return this.#array(depth + 1, rest)
      case Amf3Marker.Object:
        return this.#object(depth + 1, rest)
      case Amf3Marker.Xml:
        return this.#objects.add(new Xml(this.#strings.text(rest)))
      case Amf3Marker.ByteArray:
        return this.#objects.add(this.#in.bytes(rest))
      case Amf3Marker.VectorObject:
        return this.#objectVector(depth + 1, rest)
      case Amf3Marker.Dictionary:
        return this.#dictionary(depth + 1, rest)
      default:
        return this.#numberVector(marker, rest)
    }
  }

  // Containers enter the reference table before their members are read: a member may refer to its own container.

  #array(depth: number, length: number): AmfValue {
    this.budget.enter(depth)
    this.#checkLength(length, 1)
    const values: AmfValue[] = []
    const key = this.#strings.key()
    let array: AmfValue = values
    if (key === '') this.#objects.add(values)
    else {
      const members = new Members()
      array = this.#objects.add(new EcmaArray(members.properties, values))
      this.#members(members, key, depth)
    }
    for (let index = 0; index < length; index++) values.push(this.value(depth))
    return array
  }

  #object(depth: number, header: number): AmfValue {
    this.budget.enter(depth)
    const { className, externalizable, dynamic, sealed } = this.#traitsOf(header)
    if (externalizable) return this.#externalizable(depth, className)
    const members = new Members()
    const { properties } = members
    const named = className !== ''
    const object = named ? new TypedObject(className, properties, dynamic ? sealed : undefined) : properties
    this.#objects.add(object)
    for (const name of sealed) members.set(name, this.value(depth))
    if (dynamic) this.#members(members, this.#strings.key(), depth)
    return object
  }

  #traitsOf(header: number): Traits {
    if ((header & 1) === 0) return this.#traits.get(header >> 1)
    const externalizable = (header & 2) !== 0
    const count = externalizable ? 0 : header >> 3
    // Each is a value of the object that follows.
    this.budget.announce(count)
    this.#checkBytes(count, 1)
    const className = this.#strings.key()
    const sealed: string[] = []
    for (let index = 0; index < count; index++) sealed.push(this.#strings.key())
    return this.#traits.add({ className, externalizable, dynamic: (header & 4) !== 0, sealed })
  }

  #externalizable(depth: number, className: string): ExternalizableObject {
    const codec = this.#codecs.get(className)
    // The name is a stranger's: short, and in quotes.
    const name = JSON.stringify(className.slice(0, 100))
    if (codec === undefined) throw new AmfError('RTMP_ERR_AMF_EXTERNALIZABLE', `no codec for externalizable ${name}`)
    const object = this.#objects.add(new ExternalizableObject(className, undefined))
    const input = new ExternalizableInput(this.#in, this.#strings, () => this.value(depth))
    try {
      const written = object as { content: AmfValue }
      written.content = codec.read(input)
    } catch (cause) {
      if (cause instanceof AmfError) throw cause
      throw new AmfError('RTMP_ERR_AMF_EXTERNALIZABLE', `externalizable ${name} cannot be read`, { cause })
    }
    return object
  }

  /** Up to the empty key. */
  #members(members: Members, first: string, depth: number): void {
    for (let key = first; key !== ''; key = this.#strings.key()) members.set(key, this.value(depth))
  }

  #numberVector(marker: number, length: number): AmfValue {
    const fixed = this.#in.uint8() !== 0
    this.#checkLength(length, marker === Amf3Marker.VectorDouble ? 8 : 4)
    const numbers = readNumbers(marker, this.#in, length)
    return this.#objects.add(fixed ? numbers : new NumberVector(numbers))
  }

  #objectVector(depth: number, length: number): ObjectVector {
    this.budget.enter(depth)
    this.#checkLength(length, 1)
    const fixed = this.#in.uint8() !== 0
    const values: AmfValue[] = []
    const vector = this.#objects.add(new ObjectVector(this.#strings.key(), values, fixed))
    for (let index = 0; index < length; index++) values.push(this.value(depth))
    return vector
  }

  #dictionary(depth: number, length: number): Dictionary {
    this.budget.enter(depth)
    this.#checkLength(length, 2)
    const weakKeys = this.#in.uint8() !== 0
    const entries: [AmfValue, AmfValue][] = []
    const dictionary = this.#objects.add(new Dictionary(entries, weakKeys))
    for (let index = 0; index < length; index++) entries.push([this.value(depth), this.value(depth)])
    return dictionary
  }

  #checkLength(length: number, itemBytes: number): void {
    this.budget.length(length)
    this.#checkBytes(length, itemBytes)
  }

  #checkBytes(count: number, itemBytes: number): void {
    if (count * itemBytes > this.#in.remaining) {
      throw new AmfError('RTMP_ERR_AMF_TRUNCATED', `${count} items in ${this.#in.remaining} bytes`)
    }
  }
}
