import { LimitError, type RtmpErrorCode } from '@rtmpipe/chunk-stream'

/** Counts events in windows of fixed length. */
export class RateLimit {
  readonly #max: number
  readonly #window: number
  readonly #code: RtmpErrorCode
  #count = 0
  #start = -Infinity

  /** @param window milliseconds */
  constructor(max: number, window: number, code: RtmpErrorCode) {
    this.#max = max
    this.#window = window
    this.#code = code
  }

  /** @throws LimitError when there were more than the maximum in this window */
  count(): void {
    const now = performance.now()
    if (now - this.#start >= this.#window) {
      this.#start = now
      this.#count = 0
    }
    this.#count += 1
    if (this.#count > this.#max) {
      throw new LimitError(this.#code, `more than ${this.#max} in ${this.#window / 1000} s`)
    }
  }
}
