import { LimitError, type RtmpErrorCode } from '@rtmpipe/chunk-stream'

/** Parts of a window. Events are forgotten part by part, so that a count takes the memory of these numbers alone. */
const parts = 20
/** Copied for each connection, which is faster than making it anew. */
const none: readonly number[] = Array.from({ length: parts + 1 }, () => 0)

/**
 * Allows so many events in any window of time, wherever it begins. It counts in parts of the window and may look back
 * one part too far: a steady rate above 20/21 of what is allowed can be too much.
 */
export class RateLimit {
  readonly #max: number
  readonly #window: number
  readonly #code: RtmpErrorCode
  /** Events of the present part and of the parts of a whole window before it, as a ring. */
  readonly #counts: number[] = none.slice()
  /** Number of the present part, counted from the beginning of time. */
  #part = 0
  #total = 0

  /** @param window milliseconds */
  constructor(max: number, window: number, code: RtmpErrorCode) {
    this.#max = max
    this.#window = window
    this.#code = code
  }

  /** @throws LimitError when there were more than the maximum in the window that ends now */
  count(): void {
    const part = Math.floor((performance.now() * parts) / this.#window)
    if (part !== this.#part) this.#goOnTo(part)
    this.#counts[this.#index(part)] = this.#countOf(part) + 1
    this.#total += 1
    if (this.#total > this.#max) {
      throw new LimitError(this.#code, `more than ${this.#max} in ${this.#window / 1000} s`)
    }
  }

  #goOnTo(part: number): void {
    const first = Math.max(this.#part + 1, part - parts)
    for (let passed = first; passed <= part; passed += 1) {
      this.#total -= this.#countOf(passed)
      this.#counts[this.#index(passed)] = 0
    }
    this.#part = part
  }

  #countOf(part: number): number {
    return this.#counts[this.#index(part)] ?? 0
  }

  #index(part: number): number {
    return part % (parts + 1)
  }
}
