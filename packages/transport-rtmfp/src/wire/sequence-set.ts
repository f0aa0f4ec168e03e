import type { Range } from './acknowledgement.ts'

/**
 * Which sequence numbers have been received (RFC 7016 §3.6.3.2): everything up to {@link cumulative}, and ranges beyond it.
 * Zero is in it from the beginning, as flows begin with one.
 */
export class SequenceSet {
  readonly #most: number
  #cumulative = 0
  /** Ascending, none touching another. */
  readonly #ranges: { first: number; last: number }[] = []

  /** @param most ranges beyond the cumulative one */
  constructor(most: number) {
    this.#most = most
  }

  /** Everything up to this number has come. */
  get cumulative(): number {
    return this.#cumulative
  }

  /** What has come beyond it. */
  get ranges(): readonly Range[] {
    return this.#ranges
  }

  has(number: number): boolean {
    if (number <= this.#cumulative) return true
    return this.#ranges.some(({ first, last }) => first <= number && number <= last)
  }

  /** False when it was there already, or has no room. */
  add(number: number): boolean {
    if (number === this.#cumulative + 1) {
      this.#advance(number)
      return true
    }
    if (number <= this.#cumulative) return false
    let index = this.#ranges.length
    while (index > 0 && (this.#ranges[index - 1] as Range).first > number) index -= 1
    const [before, after] = [this.#ranges[index - 1], this.#ranges[index]]
    if (before !== undefined && number <= before.last) return false
    if (before?.last === number - 1) {
      before.last = after?.first === number + 1 ? after.last : number
      if (after?.first === number + 1) this.#ranges.splice(index, 1)
      return true
    }
    if (after?.first === number + 1) {
      after.first = number
      return true
    }
    if (this.#ranges.length >= this.#most) return false
    this.#ranges.splice(index, 0, { first: number, last: number })
    return true
  }

  /** Everything up to `number` counts as received: its sender will not send it again. */
  addUpTo(number: number): void {
    if (number > this.#cumulative) this.#advance(number)
  }

  #advance(to: number): void {
    this.#cumulative = to
    let done = 0
    for (const { first, last } of this.#ranges) {
      if (first > this.#cumulative + 1) break
      this.#cumulative = Math.max(this.#cumulative, last)
      done += 1
    }
    this.#ranges.splice(0, done)
  }
}
