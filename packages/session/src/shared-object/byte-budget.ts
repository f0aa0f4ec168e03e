/** Bytes that several share. */
export class ByteBudget {
  readonly max: number
  #used = 0

  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  /** False, and nothing happens, when more would be taken than there are; giving back (below 0) always works. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.max) return false
    this.#used += bytes
    return true
  }
}
