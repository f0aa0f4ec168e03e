import { randomBytes } from 'node:crypto'

/** A challenge to a client, good for one answer. */
export interface Challenge {
  /** Names it; crypto-random. */
  readonly id: string
  readonly salt: string
}

export interface ChallengeLimits {
  /** Milliseconds a client has for its answer. */
  readonly timeout: number
  /** Challenges under way at a time; beyond them the oldest are forgotten. */
  readonly max: number
}

/** The challenges that wait for an answer. */
export class Challenges {
  readonly #limits: ChallengeLimits
  readonly #now: () => number
  /** In the order in which they expire. */
  readonly #waiting = new Map<string, { readonly salt: string; readonly end: number }>()

  constructor(limits: ChallengeLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
  }

  get size(): number {
    return this.#waiting.size
  }

  issue(): Challenge {
    const [id, salt] = [randomBytes(18).toString('base64url'), randomBytes(6).toString('base64url')]
    this.#forget()
    this.#waiting.set(id, { salt, end: this.#now() + this.#limits.timeout })
    return { id, salt }
  }

  /** Undefined for a challenge that was never issued, was answered already, or has expired. */
  take(id: string): Challenge | undefined {
    const found = this.#waiting.get(id)
    this.#waiting.delete(id)
    return found !== undefined && found.end > this.#now() ? { id, salt: found.salt } : undefined
  }

  #forget(): void {
    for (const [id, { end }] of this.#waiting) {
      if (this.#waiting.size < this.#limits.max && end > this.#now()) return
      this.#waiting.delete(id)
    }
  }
}
