import type { AmfValue } from '@rtmpipe/amf'
import { LimitError } from '@rtmpipe/chunk-stream'
import { readValue } from './amf-values.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { SharedObjectLimits } from './limits.ts'

type PropertyLimits = Pick<SharedObjectLimits, 'maxProperties' | 'maxObjectBytes'>

/** New values of properties as key and value in bytes; undefined removes. */
export type PropertyChanges = ReadonlyMap<string, Buffer | undefined>

/**
 * The properties of a shared object, kept as bytes: their cost is known exactly, and the state is sent without
 * encoding. A value is decoded when it is read, so each reader gets its own copy.
 */
export class PropertyMap implements ReadonlyMap<string, AmfValue> {
  readonly #limits: PropertyLimits
  readonly #budget: ByteBudget | undefined
  readonly #properties = new Map<string, Buffer>()
  #byteLength = 0

  constructor(limits: PropertyLimits, budget?: ByteBudget) {
    this.#limits = limits
    this.#budget = budget
  }

  get size(): number {
    return this.#properties.size
  }

  /** Bytes of all keys and values. */
  get byteLength(): number {
    return this.#byteLength
  }

  has(key: string): boolean {
    return this.#properties.has(key)
  }

  get(key: string): AmfValue {
    const property = this.#properties.get(key)
    return property === undefined ? undefined : valueOf(property)
  }

  keys(): MapIterator<string> {
    return this.#properties.keys()
  }

  values(): MapIterator<AmfValue> {
    return this.#decoded().values()
  }

  entries(): MapIterator<[string, AmfValue]> {
    return this.#decoded().entries()
  }

  [Symbol.iterator](): MapIterator<[string, AmfValue]> {
    return this.entries()
  }

  forEach(each: (value: AmfValue, key: string, map: ReadonlyMap<string, AmfValue>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this)
  }

  /** Data of one Change event with everything there is. */
  encoded(): Buffer {
    return Buffer.concat([...this.#properties.values()], this.#byteLength)
  }

  /**
   * Applies all writes or none. Writes that make the map smaller are always allowed. @throws LimitError
   * `RTMP_ERR_SHARED_OBJECT_LIMIT`
   */
  change(changes: PropertyChanges): void {
    let size = this.size
    let bytes = 0
    for (const [key, property] of changes) {
      const old = this.#properties.get(key)
      size += (property === undefined ? 0 : 1) - (old === undefined ? 0 : 1)
      bytes += (property?.length ?? 0) - (old?.length ?? 0)
    }
    const { maxProperties, maxObjectBytes } = this.#limits
    if (size > this.size && size > maxProperties) throw crossed(`more than ${maxProperties} properties in one object`)
    if (bytes > 0 && this.#byteLength + bytes > maxObjectBytes)
      throw crossed(`more than ${maxObjectBytes} bytes in one object`)
    if (this.#budget?.take(bytes) === false) throw crossed(`more than ${this.#budget.max} bytes in all objects`)
    this.#byteLength += bytes
    for (const [key, property] of changes) {
      if (property === undefined) this.#properties.delete(key)
      else this.#properties.set(key, property)
    }
  }

  clear(): void {
    this.#budget?.take(-this.#byteLength)
    this.#byteLength = 0
    this.#properties.clear()
  }

  #decoded(): Map<string, AmfValue> {
    return new Map([...this.#properties].map(([key, property]) => [key, valueOf(property)]))
  }
}

function valueOf(property: Buffer): AmfValue {
  return readValue(property.subarray(2 + property.readUInt16BE())).value
}

function crossed(description: string): LimitError {
  return new LimitError('RTMP_ERR_SHARED_OBJECT_LIMIT', description)
}
