import { defaultExternalizableCodecs, type ExternalizableCodecs } from '../amf3/externalizable-codec.ts'
import { Amf3ValueReader } from '../amf3/value-reader.ts'
import { ByteReader } from '../byte-reader.ts'
import { EcmaArray } from '../ecma-array.ts'
import { AmfError } from '../errors.ts'
import { isIndex, makeSparse } from '../index-keys.ts'
import { type AmfLimits, resolveAmfLimits } from '../limits.ts'
import { TypedObject } from '../typed-object.ts'
import { Unsupported } from '../unsupported.ts'
import type { AmfObject, AmfValue } from '../value.ts'
import { XmlDocument } from '../xml-document.ts'
import { Amf0Marker } from './marker.ts'

type Properties = Record<string, AmfValue>

/**
 * Reads the values of one message one after another, so a caller can look at the first before paying for the rest.
 * References reach back over all of them, those of AMF3 (marker 0x11) over all that is in AMF3. Nothing is allocated on the word of a count or length. After an error the
 * reader is spent.
 */
export class Amf0Reader {
  readonly #in: ByteReader
  readonly #limits: AmfLimits
  readonly #references: AmfValue[] = []
  /** Where those of the value begin that is being read, or was read last. */
  #firstReference = 0
  #elements = 0
  readonly #codecs: ExternalizableCodecs
  #amf3: Amf3ValueReader | undefined

  /**
   * The bytes are not kept by any value; the codecs are for AMF3. Throws {@link AmfError} `RTMP_ERR_AMF_BYTE_LENGTH` or
   * `RTMP_ERR_AMF_LIMITS`.
   */
  constructor(
    bytes: Uint8Array,
    limits?: Partial<AmfLimits>,
    codecs: ExternalizableCodecs = defaultExternalizableCodecs,
  ) {
    this.#codecs = codecs
    this.#limits = resolveAmfLimits(limits)
    if (bytes.length > this.#limits.byteLength) {
      throw new AmfError('RTMP_ERR_AMF_BYTE_LENGTH', `${bytes.length} bytes exceed ${this.#limits.byteLength}`)
    }
    this.#in = new ByteReader(bytes)
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#in.position
  }

  /** True when all bytes are read. */
  get done(): boolean {
    return this.#in.remaining === 0
  }

  /** The next value. Throws {@link AmfError}; `RTMP_ERR_AMF_TRUNCATED` when done. */
  read(): AmfValue {
    this.#firstReference = this.#references.length
    return this.#value(0)
  }

  /**
   * After an error: what there is of the object or array that could not be read to its end, without members that are
   * themselves unfinished. Undefined for other values.
   */
  get unfinished(): AmfValue {
    return this.#references[this.#firstReference]
  }

  #value(depth: number): AmfValue {
    const marker = this.#in.uint8()
    if (++this.#elements > this.#limits.elements) {
      throw new AmfError('RTMP_ERR_AMF_ELEMENTS', `more than ${this.#limits.elements} values in one message`)
    }
    switch (marker) {
      case Amf0Marker.Number:
        return this.#in.double()
      case Amf0Marker.Boolean:
        return this.#in.uint8() !== 0
      case Amf0Marker.String:
        return this.#text(this.#in.uint16())
      case Amf0Marker.Object:
        return this.#object(depth + 1)
      case Amf0Marker.Null:
        return null
      case Amf0Marker.Undefined:
        return undefined
      case Amf0Marker.Reference:
        return this.#reference(this.#in.uint16())
      case Amf0Marker.EcmaArray:
        // The count is a hint, often 0 or wrong.
        this.#in.skip(4)
        return this.#ecmaArray(depth + 1)
      case Amf0Marker.StrictArray:
        return this.#strictArray(depth + 1, this.#in.uint32())
      case Amf0Marker.Date:
        return this.#date()
      case Amf0Marker.LongString:
        return this.#text(this.#in.uint32())
      case Amf0Marker.Unsupported:
        return new Unsupported()
      case Amf0Marker.XmlDocument:
        return new XmlDocument(this.#text(this.#in.uint32()))
      case Amf0Marker.TypedObject:
        return this.#typedObject(depth + 1)
      case Amf0Marker.ObjectEnd:
        throw new AmfError('RTMP_ERR_AMF_OBJECT_END', `an object end without an empty key at byte ${this.position - 1}`)
      case Amf0Marker.AvmPlus:
        return this.#avmPlus(depth)
      default:
        throw new AmfError(
          'RTMP_ERR_AMF_MARKER',
          `marker 0x${marker.toString(16).padStart(2, '0')} at byte ${this.position - 1}`,
        )
    }
  }

  #avmPlus(depth: number): AmfValue {
    // Its tables last for the message (AMF3 §4.1).
    this.#amf3 ??= new Amf3ValueReader(this.#in, this.#limits, this.#codecs)
    this.#amf3.budget.elements = this.#elements
    const value = this.#amf3.value(depth)
    this.#elements = this.#amf3.budget.elements
    return value
  }

  // Containers enter the reference table before their members are read: a member may refer to its own container.

  #object(depth: number): AmfObject {
    this.#enter(depth)
    const properties: Properties = Object.create(null)
    this.#references.push(properties)
    this.#properties(properties, depth)
    return properties
  }

  #ecmaArray(depth: number): EcmaArray {
    this.#enter(depth)
    const properties: Properties = Object.create(null)
    const array = new EcmaArray(properties)
    this.#references.push(array)
    this.#properties(properties, depth)
    return array
  }

  #typedObject(depth: number): TypedObject {
    this.#enter(depth)
    const properties: Properties = Object.create(null)
    const object = new TypedObject(this.#key(this.#in.uint16()), properties)
    this.#references.push(object)
    this.#properties(properties, depth)
    return object
  }

  #properties(properties: Properties, depth: number): void {
    let sparse = false
    for (;;) {
      const length = this.#in.uint16()
      if (length === 0 && this.#in.peek() === Amf0Marker.ObjectEnd) {
        this.#in.skip(1)
        return
      }
      const key = this.#key(length)
      if (!sparse && isIndex(key)) {
        makeSparse(properties)
        sparse = true
      }
      const value = this.#value(depth)
      if (key !== '__proto__') properties[key] = value
    }
  }

  #strictArray(depth: number, length: number): readonly AmfValue[] {
    this.#enter(depth)
    if (length > this.#limits.arrayLength) {
      throw new AmfError('RTMP_ERR_AMF_ARRAY_LENGTH', `array of ${length} exceeds ${this.#limits.arrayLength}`)
    }
    if (length > this.#in.remaining) {
      throw new AmfError('RTMP_ERR_AMF_TRUNCATED', `array of ${length} in ${this.#in.remaining} bytes`)
    }
    const values: AmfValue[] = []
    this.#references.push(values)
    for (let index = 0; index < length; index++) values.push(this.#value(depth))
    return values
  }

  #date(): Date {
    const milliseconds = this.#in.double()
    // The time zone is reserved: write 0, ignore (AMF0 §2.13).
    this.#in.skip(2)
    return new Date(milliseconds)
  }

  #reference(index: number): AmfValue {
    if (index < this.#references.length) return this.#references[index]
    throw new AmfError('RTMP_ERR_AMF_REFERENCE', `reference to object ${index} of ${this.#references.length}`)
  }

  #text(length: number): string {
    this.#checkText(length)
    return this.#in.text(length)
  }

  #key(length: number): string {
    this.#checkText(length)
    return this.#in.key(length)
  }

  #checkText(length: number): void {
    if (length > this.#limits.stringLength) {
      throw new AmfError('RTMP_ERR_AMF_STRING_LENGTH', `string of ${length} bytes exceeds ${this.#limits.stringLength}`)
    }
  }

  #enter(depth: number): void {
    if (depth > this.#limits.depth) {
      throw new AmfError('RTMP_ERR_AMF_DEPTH', `more than ${this.#limits.depth} objects inside one another`)
    }
  }
}
