/** Readings that are judged together: the one that was delayed least counts. */
const window = 5

/**
 * How far another clock runs ahead of ours, from times that come over a network: each is late by its delay, so that the
 * earliest of a few tells most.
 */
export class ClockDrift {
  /** Time of the other clock, and of ours, at the last reading. */
  #theirs = 0
  #ours = 0
  #readings = 0
  /** How far the other clock is ahead since the first reading, as far as delays let it be seen. */
  #ahead = 0
  /** The most of it in the first window, in the one before, and in the present one. */
  #first = 0
  #before = -Infinity
  #present = 0
  #isBroken = false

  /** Milliseconds by which it has run ahead of ours since the first reading, or behind (below 0); undefined before two. */
  get milliseconds(): number | undefined {
    if (this.#readings < 2) return undefined
    return Math.round(Math.max(this.#before, this.#present) - this.#first)
  }

  /** The other clock has jumped, or is read in another way: what has gone by since the last reading is not known. */
  jump(): void {
    this.#isBroken = true
  }

  /** Milliseconds by which the other clock has gone further than ours since the last reading. */
  step(theirs: number, ours: number): number {
    return ((theirs - this.#theirs) | 0) - (ours - this.#ours)
  }

  /**
   * @param theirs milliseconds in 32 bits, which begin again at 0
   * @param ours milliseconds
   */
  note(theirs: number, ours: number): void {
    if (this.#readings > 0 && !this.#isBroken) this.#ahead += this.step(theirs, ours)
    this.#isBroken = false
    this.#theirs = theirs
    this.#ours = ours
    if (this.#readings > 0 && this.#readings % window === 0) {
      this.#before = this.#present
      this.#present = this.#ahead
    }
    this.#present = Math.max(this.#present, this.#ahead)
    if (this.#readings < window) this.#first = this.#present
    this.#readings += 1
  }
}
