const empty: Buffer = Buffer.alloc(0)
const smallest = 64

/**
 * Takes runs of bytes out of pieces of any size. A run inside one piece is a slice of it; one that spans pieces is
 * copied into memory that grows with the bytes received, never on the word of a length.
 */
export class ByteCollector {
  #input = empty
  #at = 0
  #partial: Buffer = empty
  #held = 0

  /** The next piece; the one before must have been used up, which it is when {@link take} or {@link skip} wants more. */
  feed(bytes: Uint8Array): void {
    this.#input = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = 0
  }

  /** The next `length` bytes, or undefined if they have not all come: then ask again for as many after {@link feed}. */
  take(length: number): Buffer | undefined {
    const start = this.#at
    const end = Math.min(this.#input.length, start + length - this.#held)
    this.#at = end
    if (this.#held === 0 && end - start === length) return this.#input.subarray(start, end)
    this.#reserve(this.#held + end - start, length)
    this.#held += this.#input.copy(this.#partial, this.#held, start, end)
    if (this.#held < length) return undefined
    const taken = this.#partial.subarray(0, length)
    this.#partial = empty
    this.#held = 0
    return taken
  }

  /** Drops up to `length` bytes; returns how many are still to come. */
  skip(length: number): number {
    const skipped = Math.min(length, this.#input.length - this.#at)
    this.#at += skipped
    return length - skipped
  }

  #reserve(needed: number, atMost: number): void {
    if (needed <= this.#partial.length) return
    const grown = Buffer.allocUnsafe(Math.min(atMost, Math.max(needed, 2 * this.#partial.length, smallest)))
    this.#partial.copy(grown, 0, 0, this.#held)
    this.#partial = grown
  }
}
