/** A budget of bytes that several objects share. */
export class ByteBudget {
  readonly max: number
  #used = 0

  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  /**
   * Takes bytes; false, and nothing happens, when fewer are left. Negative numbers give bytes back, which always works.
   */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.max) return false
    this.#used += bytes
    return true
  }
}
