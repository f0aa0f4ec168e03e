/** Where a fragment can be entered. */
export interface Entry {
  readonly time: number
  readonly position: number
  /** Of the track in its fragment, and of the sample in the track; from 1. */
  readonly place: number
  readonly sample: number
}

/** Bytes of an entry in `tfra`: time and position have eight each; numbers of fragment, run and sample four. */
const rowSize = 28

/**
 * Where the fragments of a track can be entered, in bounded memory: when it is full, every second one is left out, and of those
 * that come every second one is taken.
 */
export class EntryList {
  readonly #capacity: number
  readonly #entries: Entry[] = []
  #every = 1
  #passed = 0

  /** @param capacity even, so that what is left out and what comes next stay equally far apart */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get length(): number {
    return this.#entries.length
  }

  add(entry: Entry): void {
    if (this.#passed % this.#every === 0) {
      if (this.#entries.length >= this.#capacity) this.#thin()
      this.#entries.push(entry)
    }
    this.#passed += 1
  }

  /** As they stand in `tfra` of version 1 (ISO/IEC 14496-12 §8.8.10). */
  rows(): Buffer {
    const rows = Buffer.alloc(this.#entries.length * rowSize)
    for (const [index, { time, position, place, sample }] of this.#entries.entries()) {
      const at = index * rowSize
      rows.writeBigUInt64BE(BigInt(time), at)
      rows.writeBigUInt64BE(BigInt(position), at + 8)
      rows.writeUInt32BE(place, at + 16)
      rows.writeUInt32BE(1, at + 20)
      rows.writeUInt32BE(sample, at + 24)
    }
    return rows
  }

  #thin(): void {
    const kept = Math.ceil(this.#entries.length / 2)
    for (let place = 1; place < kept; place += 1) this.#entries[place] = this.#entries[place * 2] as Entry
    this.#entries.length = kept
    this.#every *= 2
  }
}
