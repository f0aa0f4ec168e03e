/** How much longer a poll is held each time. */
const GROWTH = 1.25

/**
 * How long a poll that finds nothing is held. A client that publishes on a single connection cannot send meanwhile: it
 * is recognised by a `/send` after a poll that was held in vain, and held half as long next time, down to not at all;
 * one that polls again is held longer.
 */
export class IdleHold {
  readonly #least: number
  readonly #most: number
  #hold: number
  #inVain = false

  /** Milliseconds; `least` is the shortest that is not zero. */
  constructor(least: number, most: number) {
    this.#least = least
    this.#most = most
    this.#hold = most
  }

  get milliseconds(): number {
    return this.#hold
  }

  /** A poll was held for all that time. */
  inVain(): void {
    this.#inVain = true
  }

  /** The next request. */
  next(kind: 'send' | 'idle'): void {
    if (!this.#inVain) return
    this.#inVain = false
    if (kind === 'idle') this.#hold = Math.min(this.#most, Math.max(this.#least, this.#hold * GROWTH))
    else this.#hold = this.#hold < 2 * this.#least ? 0 : this.#hold / 2
  }
}
