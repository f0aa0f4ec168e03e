/** Numbers the connections of a capture. */
export class ConnectionCount {
  #count = 0

  /** How many there are so far. */
  get count(): number {
    return this.#count
  }

  /** The number of one more. */
  next(): number {
    this.#count++
    return this.#count
  }
}
