import type { ByteReader } from '../byte-reader.ts'
import { AmfError } from '../errors.ts'
import type { AmfLimits } from '../limits.ts'
import { ReferenceTable } from './reference-table.ts'

/** Reads strings, keys and names, which share one reference table (AMF3 §1.3.2). */
export class StringReader {
  readonly #in: ByteReader
  readonly #limits: AmfLimits
  readonly #strings = new ReferenceTable<string>('string')

  constructor(bytes: ByteReader, limits: AmfLimits) {
    this.#in = bytes
    this.#limits = limits
  }

  string(): string {
    const header = this.#in.u29()
    if ((header & 1) === 0) return this.#strings.get(header >> 1)
    // The empty string is never referred to.
    if (header === 1) return ''
    return this.#strings.add(this.text(header >> 1))
  }

  /** As {@link string}, faster for what is read again and again. */
  key(): string {
    const header = this.#in.u29()
    if ((header & 1) === 0) return this.#strings.get(header >> 1)
    if (header === 1) return ''
    this.#check(header >> 1)
    return this.#strings.add(this.#in.key(header >> 1))
  }

  /** Text outside the table. */
  text(length: number): string {
    this.#check(length)
    return this.#in.text(length)
  }

  #check(length: number): void {
    if (length > this.#limits.stringLength) {
      throw new AmfError('RTMP_ERR_AMF_STRING_LENGTH', `string of ${length} bytes exceeds ${this.#limits.stringLength}`)
    }
  }
}
