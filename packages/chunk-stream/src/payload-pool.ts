/** Memory that is used again as a whole. */
export interface Pooled {
  readonly bytes: Buffer
}

/** Blocks of less are not worth keeping. Bytes. */
const shortest = 64 * 1024
/** What was not needed for so long is left to the collector. Milliseconds. */
const period = 5_000

/** Free blocks of one length. */
class Shelf<Block extends Pooled> {
  readonly #free: Block[] = []
  /** Blocks that were free all the time since the last look. */
  #lowest = 0

  take(): Block | undefined {
    const block = this.#free.pop()
    this.#lowest = Math.min(this.#lowest, this.#free.length)
    return block
  }

  put(block: Block): void {
    this.#free.push(block)
  }

  /** Drops what nobody has needed lately. @returns how many are left */
  trim(): number {
    this.#free.splice(0, this.#lowest)
    this.#lowest = this.#free.length
    return this.#lowest
  }
}

/**
 * Free blocks for payloads, of the whole process. Its size follows what is needed: that of the cached groups of pictures
 * at its peak.
 */
export class PayloadPool<Block extends Pooled> {
  readonly #shelves = new Map<number, Shelf<Block>>()
  #timer: NodeJS.Timeout | undefined

  /** A free block of that length, if there is one. */
  take(length: number): Block | undefined {
    return this.#shelves.get(length)?.take()
  }

  put(block: Block): void {
    const { length } = block.bytes
    if (length < shortest) return
    let shelf = this.#shelves.get(length)
    if (shelf === undefined) this.#shelves.set(length, (shelf = new Shelf()))
    shelf.put(block)
    this.#timer ??= setInterval(() => this.#trim(), period).unref()
  }

  #trim(): void {
    let left = 0
    for (const shelf of this.#shelves.values()) left += shelf.trim()
    if (left > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
