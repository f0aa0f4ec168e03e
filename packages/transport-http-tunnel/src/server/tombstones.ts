/** How long a closed session is remembered, in milliseconds. */
const MEMORY = 30_000
/** Answers of "session over" before a client that does not understand it is told so by an error. */
const FAREWELLS = 3

/**
 * Sessions that have ended, so that a late request is answered calmly with "session over". FFmpeg and librtmp do not
 * look at that byte and would poll on for as long as they get an answer: after a few they are to be told 404.
 */
export class Tombstones {
  readonly #limit: number
  readonly #dead = new Map<string, { left: number; readonly until: number }>()

  readonly #memory: number

  /** `limit`: how many are remembered; the oldest are forgotten first. `least`: milliseconds, as long as an id is good. */
  constructor(limit: number, least = 0) {
    this.#limit = limit
    this.#memory = Math.max(MEMORY, least)
  }

  add(id: string, now: number): void {
    for (const [oldest, { until }] of this.#dead) {
      if (until > now && this.#dead.size < this.#limit) break
      this.#dead.delete(oldest)
    }
    if (this.#limit > 0) this.#dead.set(id, { left: FAREWELLS, until: now + this.#memory })
  }

  /** Whether session `id` has ended. */
  has(id: string, now: number): boolean {
    return (this.#dead.get(id)?.until ?? 0) > now
  }

  /** Whether a request of session `id` is still to be answered with "session over". */
  answers(id: string, now: number): boolean {
    const grave = this.#dead.get(id)
    if (grave === undefined || grave.until <= now || grave.left === 0) return false
    grave.left -= 1
    return true
  }
}
