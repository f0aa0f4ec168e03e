/** Places that are remembered. */
const maxPlaces = 256
/** Milliseconds for which they are: the network may be another one, or a faster way open again. */
const maxAge = 600_000

interface Winner {
  readonly place: string
  readonly since: number
}

/** Which way led to a server last time, so that it is tried first next time. In this process only. */
export class Winners {
  readonly #winners = new Map<string, Winner>()
  readonly #now: () => number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** How many are remembered. */
  get size(): number {
    return this.#winners.size
  }

  /** The way to `server`, if it is not too long ago. */
  of(server: string): string | undefined {
    const winner = this.#winners.get(server)
    if (winner === undefined) return undefined
    if (this.#now() - winner.since < maxAge) return winner.place
    this.#winners.delete(server)
    return undefined
  }

  /** Remembers a way; beyond 256 servers the one longest ago is forgotten. */
  set(server: string, place: string): void {
    // It does not grow younger by use: a faster way is looked for again in the end.
    if (this.of(server) === place) return
    this.#winners.delete(server)
    if (this.#winners.size >= maxPlaces) this.#winners.delete(this.#winners.keys().next().value as string)
    this.#winners.set(server, { place, since: this.#now() })
  }

  /** Nothing leads there, as far as is known. */
  forget(server: string): void {
    this.#winners.delete(server)
  }
}
