import type { StoreEntry } from '../contract/store.ts'
import type { NetworkTime } from './network-time.ts'
import type { Place } from './wires.ts'

interface Entry extends StoreEntry {
  readonly writtenAt: number
  /** What a reader who is behind gets. */
  readonly previous: StoreEntry | undefined
}

/** The servers' side of a store: a map with revisions. */
export class MemoryMap {
  readonly place: Place = { region: '', sides: 0 }
  readonly #time: NetworkTime
  readonly #entries = new Map<string, Entry>()
  readonly #keptFor: number
  #revision = 0
  #created: number
  #nextSweep = 0

  /** @param keptFor after so many milliseconds what is not written again is forgotten */
  constructor(time: NetworkTime, keptFor: number) {
    this.#time = time
    this.#keptFor = keptFor
    this.#created = this.#seconds
  }

  /** Seconds since 1970, of a made-up beginning. */
  get #seconds(): number {
    return 1_790_000_000 + this.#time.now() / 1000
  }

  get created(): number {
    return this.#created
  }

  /** How many keys there are, with those that are to be forgotten. */
  get size(): number {
    return this.#entries.size
  }

  get(key: string): StoreEntry | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && this.#time.now() - entry.writtenAt < this.#keptFor ? entry : undefined
  }

  put(key: string, value: Uint8Array): number {
    this.#sweep()
    const previous = this.get(key)
    this.#revision += 1
    this.#entries.set(key, {
      value,
      revision: this.#revision,
      writtenAt: this.#time.now(),
      previous: previous && { value: previous.value, revision: previous.revision },
    })
    return this.#revision
  }

  create(key: string, value: Uint8Array): number | undefined {
    return this.get(key) === undefined ? this.put(key, value) : undefined
  }

  update(key: string, value: Uint8Array, revision: number): number | undefined {
    return this.get(key)?.revision === revision ? this.put(key, value) : undefined
  }

  remove(key: string, revision: number): boolean {
    return this.get(key)?.revision === revision && this.#entries.delete(key)
  }

  #sweep(): void {
    const now = this.#time.now()
    if (now < this.#nextSweep) return
    this.#nextSweep = now + this.#keptFor
    for (const key of this.#entries.keys()) if (this.get(key) === undefined) this.#entries.delete(key)
  }
}
