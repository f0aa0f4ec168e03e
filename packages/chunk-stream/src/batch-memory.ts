/** Bytes of a block. */
const blockSize = 128 * 1024
/** Longer batches have memory of their own. */
const longestShared = blockSize / 4

/**
 * Memory for the bytes of batches, of the whole process. Nearly all batches are with the operating system as soon as they
 * have been written, and the next one takes the same place; what somebody still holds is left alone.
 */
class BatchMemory {
  #block = Buffer.alloc(0)
  #used = 0

  /** Good until it is given back, and for ever if it is not. */
  take(length: number): Buffer {
    if (length > longestShared) return Buffer.allocUnsafeSlow(length)
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(blockSize)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#block.subarray(start, this.#used)
  }

  /** What was taken last, and nobody reads any more. Anything else is left to the collector. */
  giveBack(bytes: Buffer): void {
    const start = bytes.byteOffset - this.#block.byteOffset
    if (bytes.buffer === this.#block.buffer && start + bytes.length === this.#used) this.#used = start
  }
}

export const batchMemory: BatchMemory = new BatchMemory()
