/** Addresses that are remembered: beyond, the one that was told first is forgotten. */
const maxAddresses = 1_000
/** Addresses that are told of in a minute. */
const maxPerMinute = 10
const minute = 60_000

/** Lets something be told once for each address, and never too often, however many addresses there are. */
export class OncePerAddress {
  readonly #now: () => number
  readonly #told = new Set<string>()
  #since = -Infinity
  #count = 0

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** True when it is to be told of this address, now. */
  isFirst(address: string): boolean {
    if (this.#told.has(address)) return false
    const now = this.#now()
    if (now - this.#since >= minute) {
      this.#since = now
      this.#count = 0
    }
    if (this.#count >= maxPerMinute) return false
    this.#count += 1
    const [oldest] = this.#told
    if (this.#told.size >= maxAddresses && oldest !== undefined) this.#told.delete(oldest)
    this.#told.add(address)
    return true
  }
}
