/** Challenges that were answered, so that an answer that somebody has listened to is good for nothing. */
export class SpentChallenges {
  readonly #now: () => number
  /** Ends of challenges by their ids, in the order in which they were answered. */
  readonly #ends = new Map<string, number>()
  /** What ended no later may have been answered and forgotten. */
  #floor = 0

  /** @param now the clock of `Date.now()`, unless it is for a test */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now
  }

  /** Challenges that are remembered. */
  get size(): number {
    return this.#ends.size
  }

  /**
   * Marks a challenge as answered. When too many are remembered the oldest is forgotten, and all that end no later than
   * that one count as answered.
   *
   * @param id of a challenge whose signature is right
   * @param end when it ends, by the clock of `Date.now()`
   * @param max challenges to remember
   * @returns true if it was not answered before
   */
  spend(id: string, end: number, max: number): boolean {
    if (end <= this.#floor || this.#ends.has(id)) return false
    this.#ends.set(id, end)
    this.#forget(max)
    return true
  }

  #forget(max: number): void {
    const now = this.#now()
    for (const [id, end] of this.#ends) {
      if (end > now) {
        if (this.#ends.size <= max) return
        this.#floor = Math.max(this.#floor, end)
      }
      this.#ends.delete(id)
    }
  }
}
