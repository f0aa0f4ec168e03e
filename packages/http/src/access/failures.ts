/** Failures that an address may have in a window. */
const maxFailures = 10
/** Milliseconds. */
const window = 60_000
/** Addresses that are remembered: beyond, the one that failed least recently is forgotten. */
const maxAddresses = 10_000

interface Failures {
  count: number
  /** When they are forgotten, by the clock. */
  end: number
}

/** How often addresses have shown a wrong token: after ten times in a minute they have to wait. */
export class FailureTable {
  readonly #now: () => number
  readonly #failures = new Map<string, Failures>()

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#failures.size
  }

  /** Seconds that an address has to wait; 0 when it may try. */
  wait(address: string): number {
    const failures = this.#current(address)
    if (failures === undefined || failures.count < maxFailures) return 0
    return Math.max(1, Math.ceil((failures.end - this.#now()) / 1_000))
  }

  /** Counts one more. @returns true when it is the last before the address has to wait */
  add(address: string): boolean {
    const failures = this.#current(address) ?? { count: 0, end: this.#now() + window }
    failures.count += 1
    // The order of the map is that of the last failure.
    this.#failures.delete(address)
    this.#failures.set(address, failures)
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > maxAddresses && oldest !== undefined) this.#failures.delete(oldest)
    return failures.count === maxFailures
  }

  #current(address: string): Failures | undefined {
    const failures = this.#failures.get(address)
    if (failures === undefined || failures.end > this.#now()) return failures
    this.#failures.delete(address)
    return undefined
  }
}
