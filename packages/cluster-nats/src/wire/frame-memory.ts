import { maxFrameLength } from './limits.ts'

/** Bytes of memory that is got at once, for many frames. */
const slabLength = 4 * maxFrameLength
/** Slabs that wait to be used again. */
const maxFree = 8

/**
 * Memory to write frames into. They are handed over and soon forgotten: memory for each alone, and new memory all the time,
 * would cost more than what is written into it.
 */
export class FrameMemory {
  #slab: Buffer = Buffer.alloc(0)
  #used = 0
  readonly #isReused: boolean
  #filled: Buffer[] = []
  readonly #free: Buffer[] = []

  /** @param isReused whether somebody asks for {@link FrameMemory.filled}; else what is filled is left to the collector */
  constructor(isReused: boolean) {
    this.#isReused = isReused
  }

  /** @param length up to that of a frame */
  take(length: number): Buffer {
    if (length > this.#slab.length - this.#used) {
      if (this.#used > 0 && this.#isReused) this.#filled.push(this.#slab)
      this.#slab = this.#free.pop() ?? Buffer.allocUnsafeSlow(slabLength)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#slab.subarray(start, start + length)
  }

  /** What has been filled since the last call, to be given back when nobody reads it any more, or else forgotten. */
  filled(): readonly Buffer[] {
    const filled = this.#filled
    if (filled.length > 0) this.#filled = []
    return filled
  }

  /** It is written into again. */
  giveBack(filled: readonly Buffer[]): void {
    for (const slab of filled) if (this.#free.length < maxFree) this.#free.push(slab)
  }
}
