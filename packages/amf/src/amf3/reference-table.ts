import { AmfError } from '../errors.ts'

/** What a reader has seen and can be referred to, by order of appearance (AMF3 §2.1). */
export class ReferenceTable<Entry> {
  readonly #name: string
  readonly #entries: Entry[] = []

  /** The name is for messages. */
  constructor(name: string) {
    this.#name = name
  }

  add<Added extends Entry>(entry: Added): Added {
    this.#entries.push(entry)
    return entry
  }

  /** Throws {@link AmfError} `RTMP_ERR_AMF_REFERENCE`. */
  get(index: number): Entry {
    if (index < this.#entries.length) return this.#entries[index] as Entry
    throw new AmfError('RTMP_ERR_AMF_REFERENCE', `reference to ${this.#name} ${index} of ${this.#entries.length}`)
  }
}
