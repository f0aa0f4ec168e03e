/** Shorter replies come from memory that Node shares anyway, longer ones have their own. Bytes. */
const SHORTEST = 4 * 1024
const LONGEST = 128 * 1024
/** Free pieces that are kept, of each length. */
const MOST_FREE = 64

/**
 * Memory for replies, of the whole process, that is used again: every player takes some forty a second, and the collector
 * would have more to do than all others.
 */
class ReplyMemory {
  /** By length, which is a power of two. */
  readonly #free = new Map<number, ArrayBuffer[]>()
  readonly #owned = new WeakSet<ArrayBufferLike>()

  /** Good until it is given back, and for ever if it is not. */
  take(length: number): Buffer {
    if (length < SHORTEST || length > LONGEST) return Buffer.allocUnsafe(length)
    const size = 2 ** Math.ceil(Math.log2(length))
    const memory = this.#free.get(size)?.pop() ?? this.#make(size)
    return Buffer.from(memory, 0, length)
  }

  /** Nobody reads it any more. What was not taken here is left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#owned.has(buffer)) return
    const free = this.#free.get(buffer.byteLength)
    if (free === undefined) this.#free.set(buffer.byteLength, [buffer as ArrayBuffer])
    else if (free.length < MOST_FREE) free.push(buffer as ArrayBuffer)
  }

  #make(size: number): ArrayBuffer {
    const memory = new ArrayBuffer(size)
    this.#owned.add(memory)
    return memory
  }
}

export const replyMemory: ReplyMemory = new ReplyMemory()
