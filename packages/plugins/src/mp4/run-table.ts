/** Bytes of an entry: a number of samples, and what holds for each of them. */
const entrySize = 8
/** Entries from one mark to the next. */
const markEvery = 1_024

/** What is before an entry. */
interface Mark {
  readonly samples: number
  readonly sum: number
}

/**
 * A table whose entries stand for many samples each, such as their durations (ISO/IEC 14496-12 §8.6.1). It stays the bytes that it
 * is in the file, with marks so that a place in it is found without going through all of it.
 */
export class RunTable {
  readonly samples: number
  /** Of the values of all samples. */
  readonly sum: number
  /** The least value; 0 if none is less. */
  readonly least: number
  readonly #entries: Buffer
  readonly #marks: Mark[] = []

  /** @param entries without what is before them */
  constructor(entries: Buffer) {
    this.#entries = entries
    let [samples, sum, least] = [0, 0, 0]
    for (let at = 0; at < entries.length; at += entrySize) {
      if (at % (markEvery * entrySize) === 0) this.#marks.push({ samples, sum })
      const [count, value] = [entries.readUInt32BE(at), entries.readInt32BE(at + 4)]
      samples += count
      sum += count * value
      least = Math.min(least, value)
    }
    this.samples = samples
    this.sum = sum
    this.least = least
  }

  /** From a sample on. */
  from(index: number): Runs {
    const mark = this.#lastMark(({ samples }) => samples <= index)
    const runs = new Runs(this.#entries, mark * markEvery * entrySize, this.#marks[mark]?.sum ?? 0)
    runs.skip(index - (this.#marks[mark]?.samples ?? 0))
    return runs
  }

  /** The last sample up to which the values of those before it add up to no more than that; -1 if there is none. */
  indexAt(sum: number): number {
    const mark = this.#lastMark(before => before.sum <= sum)
    let { samples: index, sum: begin } = this.#marks[mark] ?? { samples: 0, sum: 0 }
    for (let at = mark * markEvery * entrySize; at < this.#entries.length; at += entrySize) {
      const [count, value] = [this.#entries.readUInt32BE(at), this.#entries.readInt32BE(at + 4)]
      if (sum < begin + count * value) return index + Math.floor((sum - begin) / value)
      begin += count * value
      index += count
    }
    return index - 1
  }

  #lastMark(isBefore: (mark: Mark) => boolean): number {
    let [low, high] = [0, this.#marks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(this.#marks[middle] as Mark)) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** Goes through a table, sample by sample. */
export class Runs {
  readonly #entries: Buffer
  #at: number
  #sum: number
  #left = 0
  #value = 0

  /** @param at of the entry to begin with @param sum of the values before it */
  constructor(entries: Buffer, at: number, sum: number) {
    this.#entries = entries
    this.#at = at
    this.#sum = sum
  }

  /** Of the values of all samples before the one at hand. */
  get sum(): number {
    return this.#sum
  }

  skip(count: number): void {
    for (let rest = count; rest > 0 && this.#load(); ) {
      const skipped = Math.min(rest, this.#left)
      this.#sum += skipped * this.#value
      this.#left -= skipped
      rest -= skipped
    }
  }

  /** The value of the next sample; 0 behind the last. */
  next(): number {
    if (!this.#load()) return 0
    this.#left -= 1
    this.#sum += this.#value
    return this.#value
  }

  #load(): boolean {
    for (; this.#left === 0; this.#at += entrySize) {
      if (this.#at >= this.#entries.length) return false
      this.#left = this.#entries.readUInt32BE(this.#at)
      this.#value = this.#entries.readInt32BE(this.#at + 4)
    }
    return true
  }
}
