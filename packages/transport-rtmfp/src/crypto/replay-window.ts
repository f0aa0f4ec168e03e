/** Numbers below the highest that are remembered. A power of two. */
const SIZE = 1024

/** Tells packets that have come before by their session sequence numbers (RFC 7425 §4.7.3.3). */
export class ReplayWindow {
  /** One bit for each number, in a ring. */
  readonly #bits = new Uint32Array(SIZE / 32)
  #highest = -1

  /** True for a number that has not been seen, and is not too old to tell. */
  isNew(number: number): boolean {
    if (number > this.#highest) return true
    if (number <= this.#highest - SIZE) return false
    return ((this.#bits[this.#word(number)] as number) & this.#bit(number)) === 0
  }

  /** Only of packets that were verified: anybody could move the window otherwise. */
  add(number: number): void {
    if (number > this.#highest) {
      if (number - this.#highest >= SIZE) this.#bits.fill(0)
      else for (let each = this.#highest + 1; each < number; each += 1) this.#set(each, false)
      this.#highest = number
    }
    this.#set(number, true)
  }

  #set(number: number, seen: boolean): void {
    const word = this.#word(number)
    const bit = this.#bit(number)
    this.#bits[word] = seen ? (this.#bits[word] as number) | bit : (this.#bits[word] as number) & ~bit
  }

  #word(number: number): number {
    return (number % SIZE) >>> 5
  }

  #bit(number: number): number {
    return 1 << (number % 32)
  }
}
