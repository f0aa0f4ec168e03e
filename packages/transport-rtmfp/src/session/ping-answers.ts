/** Longer ones are not answered: nobody who is honest sends them. */
const LONGEST = 1_000
const SECOND = 1_000

/** Which pings are answered, so that nobody makes us send more than is good for others. */
export class PingAnswers {
  readonly #most: number
  #since = Number.NEGATIVE_INFINITY
  #count = 0

  /** @param most each second */
  constructor(most: number) {
    this.#most = most
  }

  admits(length: number, now: number): boolean {
    if (length > LONGEST) return false
    if (now - this.#since >= SECOND) {
      this.#since = now
      this.#count = 0
    }
    this.#count += 1
    return this.#count <= this.#most
  }
}
