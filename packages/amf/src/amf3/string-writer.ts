import type { ByteWriter } from '../byte-writer.ts'
import { AmfError } from '../errors.ts'
import type { AmfLimits } from '../limits.ts'
import { greatestLength } from './u29.ts'

/** Writes strings, keys and names: what occurs again as a reference (AMF3 §1.3.2). */
export class StringWriter {
  readonly #out: ByteWriter
  readonly #longest: number
  readonly #indices = new Map<string, number>()
  #spellsOut = false

  constructor(bytes: ByteWriter, limits: AmfLimits) {
    this.#out = bytes
    this.#longest = Math.min(limits.stringLength, greatestLength)
  }

  /** From now on nothing is referred to. */
  spellOut(): void {
    this.#spellsOut = true
  }

  /** In the table of references, -1 for the empty string, which never is; undefined for what cannot be referred to. */
  indexOf(text: string): number | undefined {
    if (this.#spellsOut) return undefined
    return text === '' ? -1 : this.#indices.get(text)
  }

  string(text: string): void {
    if (text === '') return this.#out.uint8(1)
    if (this.#spellsOut) return this.text(text)
    const index = this.#indices.get(text)
    if (index !== undefined) return this.#out.u29(index * 2)
    this.#indices.set(text, this.#indices.size)
    this.text(text)
  }

  /** Text that enters no table. */
  text(text: string): void {
    const byteLength = Buffer.byteLength(text)
    if (byteLength > this.#longest) {
      throw new AmfError('RTMP_ERR_AMF_STRING_LENGTH', `string of ${byteLength} bytes exceeds ${this.#longest}`)
    }
    this.#out.u29(byteLength * 2 + 1)
    this.#out.text(text, byteLength)
  }
}
