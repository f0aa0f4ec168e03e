import type { ByteWriter } from '../byte-writer.ts'
import type { StringWriter } from './string-writer.ts'
import type { Traits } from './traits.ts'

/** Writes the traits of objects: what occurs again as a reference (AMF3 §3.12). */
export class TraitsWriter {
  readonly #out: ByteWriter
  readonly #strings: StringWriter
  readonly #indices = new Map<string, number>()

  constructor(bytes: ByteWriter, strings: StringWriter) {
    this.#out = bytes
    this.#strings = strings
  }

  write(traits: Traits): void {
    const { className, externalizable, dynamic, sealed } = traits
    const known = this.#keyOf(traits)
    const index = known === undefined ? undefined : this.#indices.get(known)
    if (index !== undefined) return this.#out.u29(index * 4 + 0b01)
    const flags = externalizable ? 0b0111 : dynamic ? 0b1011 : 0b0011
    this.#out.u29(sealed.length * 16 + flags)
    this.#strings.string(className)
    for (const name of sealed) this.#strings.string(name)
    const key = this.#keyOf(traits)
    if (key !== undefined) this.#indices.set(key, this.#indices.size)
  }

  /**
   * Made of the names' indices, not of the names, which may be long and used by many objects. Undefined when one of the
   * names was never written.
   */
  #keyOf({ className, externalizable, dynamic, sealed }: Traits): string | undefined {
    const classIndex = this.#strings.indexOf(className)
    if (classIndex === undefined) return undefined
    let key = `${externalizable ? 'e' : dynamic ? 'd' : 's'}${classIndex}`
    for (const name of sealed) {
      const index = this.#strings.indexOf(name)
      if (index === undefined) return undefined
      key += `,${index}`
    }
    return key
  }
}
