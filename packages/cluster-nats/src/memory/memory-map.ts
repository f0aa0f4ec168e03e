import type { StoreEntry } from '../contract/store.ts'
import type { NetworkTime } from './network-time.ts'
import type { Place } from './place.ts'

interface Entry extends StoreEntry {
  readonly writtenAt: number
  /** What a reader who is behind gets. */
  readonly previous: StoreEntry | undefined
}

/** Writes that can be forgotten again. */
const maxRemembered = 64

/** The servers' side of a store: a map with revisions. */
export class MemoryMap {
  /** Milliseconds after a write in which every second reader gets what was there before. */
  staleFor = 0
  /** Of the writes, made all the same. From 0 to 1. */
  unansweredShare = 0
  readonly place: Place = { region: '', sides: 0, spared: 0 }
  readonly #time: NetworkTime
  readonly #entries = new Map<string, Entry>()
  readonly #keptFor: number
  /** What was there before each of the last writes. */
  readonly #before: { readonly key: string; readonly entry: Entry | undefined; readonly revision: number }[] = []
  #revision = 0
  #created: number
  #nextSweep = 0
  #writableAt = 0

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

  /** Whether there is a leader, without which nothing is written. */
  get isWritable(): boolean {
    return this.#time.now() >= this.#writableAt
  }

  get created(): number {
    return this.#created
  }

  /** How many keys there are, with those that are to be forgotten. */
  get size(): number {
    return this.#entries.size
  }

  /** As a reader sees it, who may be behind. @param random from 0 to below 1 */
  read(key: string, random: number): StoreEntry | undefined {
    const entry = this.#entries.get(key)
    const isLate = entry !== undefined && random < 0.5 && this.#time.now() - entry.writtenAt < this.staleFor
    return isLate ? entry.previous : this.get(key)
  }

  get(key: string): StoreEntry | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && this.#time.now() - entry.writtenAt < this.#keptFor ? entry : undefined
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()].filter(key => this.get(key) !== undefined)
  }

  put(key: string, value: Uint8Array): number {
    this.#sweep()
    const previous = this.get(key)
    this.#remember(key)
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
    if (this.get(key)?.revision !== revision) return false
    this.#remember(key)
    return this.#entries.delete(key)
  }

  /** Nothing is written for so many milliseconds. */
  elect(milliseconds: number): void {
    this.#writableAt = Math.max(this.#writableAt, this.#time.now() + milliseconds)
  }

  /** Made anew, empty, at least four seconds after it was made before. */
  recreate(): void {
    this.#entries.clear()
    this.#before.length = 0
    this.#revision = 0
    this.#created = Math.max(this.#seconds, this.#created + 4)
  }

  /** The last writes, although acknowledged, have not been made. @param count at most 64 */
  forget(count: number): void {
    for (const { key, entry, revision } of this.#before.splice(-count).toReversed()) {
      if (entry === undefined) this.#entries.delete(key)
      else this.#entries.set(key, entry)
      this.#revision = revision
    }
  }

  #remember(key: string): void {
    this.#before.push({ key, entry: this.#entries.get(key), revision: this.#revision })
    if (this.#before.length > maxRemembered) this.#before.shift()
  }

  #sweep(): void {
    const now = this.#time.now()
    if (now < this.#nextSweep) return
    this.#nextSweep = now + this.#keptFor
    for (const key of this.#entries.keys()) if (this.get(key) === undefined) this.#entries.delete(key)
  }
}
