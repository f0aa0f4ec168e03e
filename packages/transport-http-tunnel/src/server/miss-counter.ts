const MINUTE = 60_000
/** Requests for unknown sessions that an address may make in a minute before they are answered late. */
const FREE_MISSES = 20
/** Addresses watched at a time. */
const MAX_ADDRESSES = 10_000

/** Counts requests for sessions that do not exist, so that guessing ids is slow. */
export class MissCounter {
  readonly #misses = new Map<string, number>()
  #since = 0

  /** Counts one; true when `address` has had more than is plausible within a minute. */
  miss(address: string, now: number): boolean {
    if (now - this.#since >= MINUTE || this.#misses.size >= MAX_ADDRESSES) {
      this.#misses.clear()
      this.#since = now
    }
    const misses = (this.#misses.get(address) ?? 0) + 1
    this.#misses.set(address, misses)
    return misses > FREE_MISSES
  }
}
