import { maxFrameLength } from './limits.ts'

/** Bytes of memory that is got at once, for many frames: little at first, as most nodes send little. */
const slabLength = 4 * maxFrameLength
const firstSlabLength = slabLength / 64
/** Slabs that wait to be used again. */
const maxFree = 8

/**
 * Memory to write frames into. They are handed over and soon forgotten: memory for each alone, and new memory all the time,
 * would cost more than what is written into it.
 */
export class FrameMemory {
  #slab: Buffer = Buffer.alloc(0)
  #used = 0
  #nextLength = firstSlabLength
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
      if (this.#slab.length === slabLength && this.#isReused) this.#filled.push(this.#slab)
      this.#slab = this.#free.pop() ?? this.#more(length)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#slab.subarray(start, start + length)
  }

  #more(length: number): Buffer {
    while (this.#nextLength < length) this.#nextLength *= 4
    const slab = Buffer.allocUnsafeSlow(this.#nextLength)
    this.#nextLength = Math.min(4 * this.#nextLength, slabLength)
    return slab
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
