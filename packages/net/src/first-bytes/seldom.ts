/** Bounds how often something is logged that strangers can bring about at will. */
export class Seldom {
  readonly #times: number
  readonly #period: number
  readonly #now: () => number
  #since = -Infinity
  #count = 0

  /**
   * @param times in one period
   * @param period in milliseconds
   */
  constructor(times: number = 10, period: number = 60_000, now: () => number = () => performance.now()) {
    this.#times = times
    this.#period = period
    this.#now = now
  }

  /** True if it may be logged now. */
  allows(): boolean {
    const now = this.#now()
    if (now - this.#since >= this.#period) {
      this.#since = now
      this.#count = 0
    }
    this.#count += 1
    return this.#count <= this.#times
  }
}
