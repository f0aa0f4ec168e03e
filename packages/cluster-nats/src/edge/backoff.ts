/** Pauses between attempts, in milliseconds: each twice as long as the one before, up to the longest. */
export class Backoff {
  readonly #first: number
  readonly #longest: number
  readonly #random: () => number
  #next: number

  /** @param random from 0 to below 1 */
  constructor(first: number, longest: number, random: () => number) {
    this.#first = first
    this.#longest = longest
    this.#random = random
    this.#next = first
  }

  /** Half of it at least: many that failed together don't try again together. */
  next(): number {
    const pause = this.#next
    this.#next = Math.min(2 * pause, this.#longest)
    return pause * (0.5 + this.#random() / 2)
  }

  /** An attempt has succeeded. */
  reset(): void {
    this.#next = this.#first
  }
}
