import { encodeAddress } from '../wire/address.ts'

const SECOND = 1_000
/** Bytes of an IPv6 address that one customer of a provider has at least: /56. */
const IPV6_PREFIX = 7

/** How often something may happen each second, for one source of datagrams and for all together. */
export class SourceRate {
  readonly #each: number
  readonly #all: number
  readonly #sourceOf: (address: string) => string
  readonly #counts = new Map<string, number>()
  #count = 0
  #since = Number.NEGATIVE_INFINITY

  /** @param sourceOf what counts as one source. Default networks: whoever has an address of one has all of them */
  constructor(each: number, all: number, sourceOf: (address: string) => string = networkOf) {
    this.#each = each
    this.#all = all
    this.#sourceOf = sourceOf
  }

  /** Counts one; false for what is too much. */
  admits(address: string, now: number): boolean {
    if (now - this.#since >= SECOND) {
      this.#since = now
      this.#count = 0
      this.#counts.clear()
    }
    // No source is remembered beyond what all may have: a flood of forged ones takes no memory.
    if (this.#count >= this.#all) return false
    const source = this.#sourceOf(address)
    const count = this.#counts.get(source) ?? 0
    if (count >= this.#each) return false
    this.#counts.set(source, count + 1)
    this.#count += 1
    return true
  }
}

function networkOf(address: string): string {
  const dot = address.lastIndexOf('.')
  if (dot !== -1) return address.slice(0, dot)
  const bare = address.split('%', 1)[0] as string
  return encodeAddress({ address: bare, port: 0, origin: 0 })
    .subarray(1, 1 + IPV6_PREFIX)
    .toString('latin1')
}
