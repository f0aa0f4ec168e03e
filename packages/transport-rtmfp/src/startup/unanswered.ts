import type { Endpoint } from '../wire/address.ts'

/** Milliseconds after which it begins again. */
const PERIOD = 30_000
const MOST_AT_PLACE = 3
const MOST_AT_ADDRESS = 16
const MOST_PLACES = 1_000

/** What was sent to addresses that somebody has told, and that have not answered: they may be of somebody who never asked. */
export class Unanswered {
  readonly #counts = new Map<string, number>()
  #since = Number.NEGATIVE_INFINITY

  /** Counts one; false for what is too much. */
  admits({ address, port }: Endpoint, now: number): boolean {
    if (now - this.#since >= PERIOD) {
      this.#since = now
      this.#counts.clear()
    }
    const place = `${address} ${port}`
    const [there, all] = [this.#counts.get(place) ?? 0, this.#counts.get(address) ?? 0]
    if (there >= MOST_AT_PLACE || all >= MOST_AT_ADDRESS || this.#counts.size >= MOST_PLACES) return false
    this.#counts.set(place, there + 1)
    this.#counts.set(address, all + 1)
    return true
  }

  /** Somebody there has answered. */
  heard({ address, port }: Endpoint): void {
    if (this.#counts.delete(`${address} ${port}`)) this.#counts.delete(address)
  }
}
