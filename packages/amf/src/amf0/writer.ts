import { defaultExternalizableCodecs, type ExternalizableCodecs } from '../amf3/externalizable-codec.ts'
import { Amf3ValueWriter } from '../amf3/value-writer.ts'
import { AvmPlus } from '../avm-plus.ts'
import { ByteWriter } from '../byte-writer.ts'
import { EcmaArray } from '../ecma-array.ts'
import { AmfError } from '../errors.ts'
import { keysOf } from '../keys-of.ts'
import { type AmfLimits, resolveAmfLimits } from '../limits.ts'
import { TypedObject } from '../typed-object.ts'
import { Unsupported } from '../unsupported.ts'
import type { AmfObject, AmfValue } from '../value.ts'
import { XmlDocument } from '../xml-document.ts'
import { Amf0Marker } from './marker.ts'

const greatestUint16 = 0xffff

/**
 * Writes the values of one message. What occurs twice is written twice, because FFmpeg does not know references; only
 * an object that contains itself is referred to. An {@link AvmPlus} is written in AMF3, with references. After an error
 * the writer is spent.
 */
export class Amf0Writer {
  readonly #out: ByteWriter
  readonly #limits: AmfLimits
  /** The objects being written now, outermost first, and the index of each in the reader's table of references. */
  readonly #ancestors: object[] = []
  readonly #ancestorIndices: number[] = []
  #references = 0
  #elements = 0
  readonly #codecs: ExternalizableCodecs
  #amf3: Amf3ValueWriter | undefined

  /** The codecs are for AMF3. Throws {@link AmfError} `RTMP_ERR_AMF_LIMITS`. */
  constructor(limits?: Partial<AmfLimits>, codecs: ExternalizableCodecs = defaultExternalizableCodecs) {
    this.#codecs = codecs
    this.#limits = resolveAmfLimits(limits)
    this.#out = new ByteWriter(this.#limits.byteLength)
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#out.length
  }

  /** Throws {@link AmfError} for what AMF cannot carry and for crossed limits. */
  write(value: AmfValue): void {
    if (++this.#elements > this.#limits.elements) {
      throw new AmfError('RTMP_ERR_AMF_ELEMENTS', `more than ${this.#limits.elements} values in one message`)
    }
    switch (typeof value) {
      case 'number':
        this.#out.uint8(Amf0Marker.Number)
        this.#out.double(value)
        return
      case 'string':
        this.#string(value)
        return
      case 'boolean':
        this.#out.uint8(Amf0Marker.Boolean)
        this.#out.uint8(value ? 1 : 0)
        return
      case 'undefined':
        this.#out.uint8(Amf0Marker.Undefined)
        return
      case 'object':
        if (value === null) this.#out.uint8(Amf0Marker.Null)
        else if (value instanceof Date) this.#date(value)
        else if (value instanceof XmlDocument) this.#long(Amf0Marker.XmlDocument, value.text)
        else if (value instanceof Unsupported) this.#out.uint8(Amf0Marker.Unsupported)
        else if (value instanceof AvmPlus) this.#avmPlus(value)
        else this.#complex(value)
        return
      default:
        throw new AmfError('RTMP_ERR_AMF_VALUE', `AMF has no ${typeof value}`)
    }
  }

  /** The bytes of all values. Write no more after it. */
  finish(): Buffer {
    return this.#out.finish()
  }

  #string(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    const long = text.length * 3 > greatestUint16 && Buffer.byteLength(text) > greatestUint16
    if (long) return this.#long(Amf0Marker.LongString, text)
    this.#out.uint8(Amf0Marker.String)
    this.#text(text)
  }

  #long(marker: number, text: string): void {
    const byteLength = this.#byteLength(text)
    this.#out.uint8(marker)
    this.#out.uint32(byteLength)
    this.#out.text(text, byteLength)
  }

  /** With a 16 bit length: a short string's text, a key, a class name. */
  #text(text: string): void {
    if (text.length <= this.#limits.stringLength && this.#out.shortText(text)) return
    const byteLength = this.#byteLength(text)
    if (byteLength > greatestUint16) {
      throw new AmfError('RTMP_ERR_AMF_KEY_LENGTH', `key or class name of ${byteLength} bytes exceeds 65535`)
    }
    this.#out.uint16(byteLength)
    this.#out.text(text, byteLength)
  }

  #date(date: Date): void {
    this.#out.uint8(Amf0Marker.Date)
    this.#out.double(date.getTime())
    this.#out.uint16(0)
  }

  #avmPlus({ value }: AvmPlus): void {
    this.#out.uint8(Amf0Marker.AvmPlus)
    if (this.#amf3 === undefined) this.#amf3 = new Amf3ValueWriter(this.#out, this.#limits, this.#codecs)
    else this.#amf3.separate()
    this.#amf3.budget.elements = this.#elements
    this.#amf3.value(value, this.#ancestors.length)
    this.#elements = this.#amf3.budget.elements
  }

  /** What can be referred to. */
  #complex(value: object): void {
    const ancestor = this.#ancestors.indexOf(value)
    if (ancestor !== -1) return this.#reference(this.#ancestorIndices[ancestor] as number)
    if (this.#ancestors.length >= this.#limits.depth) {
      throw new AmfError('RTMP_ERR_AMF_DEPTH', `more than ${this.#limits.depth} objects inside one another`)
    }
    this.#ancestors.push(value)
    this.#ancestorIndices.push(this.#references++)
    if (isArray(value)) this.#strictArray(value)
    else if (value instanceof EcmaArray) this.#ecmaArray(value)
    else if (value instanceof TypedObject) this.#typedObject(value)
    else this.#object(value as AmfObject)
    this.#ancestors.pop()
    this.#ancestorIndices.pop()
  }

  #reference(index: number): void {
    if (index > greatestUint16) {
      throw new AmfError('RTMP_ERR_AMF_REFERENCE', `object ${index} contains itself, references end at 65535`)
    }
    this.#out.uint8(Amf0Marker.Reference)
    this.#out.uint16(index)
  }

  #strictArray(values: readonly AmfValue[]): void {
    const length = values.length
    if (length > this.#limits.arrayLength) {
      throw new AmfError('RTMP_ERR_AMF_ARRAY_LENGTH', `array of ${length} exceeds ${this.#limits.arrayLength}`)
    }
    this.#out.uint8(Amf0Marker.StrictArray)
    this.#out.uint32(length)
    for (let index = 0; index < length; index++) this.write(values[index])
  }

  #ecmaArray({ properties, values }: EcmaArray): void {
    const keys = keysOf(properties)
    const length = values.length
    this.#out.uint8(Amf0Marker.EcmaArray)
    this.#out.uint32(length + keys.length)
    for (let index = 0; index < length; index++) {
      this.#text(String(index))
      this.write(values[index])
    }
    this.#properties(properties, keys)
  }

  #typedObject(object: TypedObject): void {
    this.#out.uint8(Amf0Marker.TypedObject)
    this.#text(object.className)
    this.#properties(object.properties, keysOf(object.properties))
  }

  #object(object: AmfObject): void {
    this.#out.uint8(Amf0Marker.Object)
    this.#properties(object, keysOf(object))
  }

  #properties(properties: AmfObject, keys: readonly string[]): void {
    for (const key of keys) {
      this.#text(key)
      this.write(properties[key])
    }
    // The empty key and the object end.
    this.#out.uint16(0)
    this.#out.uint8(Amf0Marker.ObjectEnd)
  }

  #byteLength(text: string): number {
    const byteLength = Buffer.byteLength(text)
    if (byteLength <= this.#limits.stringLength) return byteLength
    throw new AmfError(
      'RTMP_ERR_AMF_STRING_LENGTH',
      `string of ${byteLength} bytes exceeds ${this.#limits.stringLength}`,
    )
  }
}

// Array.isArray does not narrow a readonly array.
function isArray(value: object): value is readonly AmfValue[] {
  return Array.isArray(value)
}
