import type { ReplyStore } from './reply-store.ts'

/** How long a closed session is remembered, in milliseconds. */
const MEMORY = 30_000
/** Answers of "session over" before a client that does not understand it is told so by an error. */
const FAREWELLS = 3
/** Bytes of replies that are kept of all closed sessions; those of the oldest go first. */
const MAX_REPLIES = 8 * 1024 * 1024

interface Grave {
  left: number
  readonly until: number
  /** Its last replies, which may have been lost on their way. */
  replies: ReplyStore | undefined
}

/**
 * Sessions that have ended, so that a late request is answered calmly with "session over". FFmpeg and librtmp do not
 * look at that byte and would poll on for as long as they get an answer: after a few they are to be told 404.
 */
export class Tombstones {
  readonly #limit: number
  readonly #memory: number
  readonly #dead = new Map<string, Grave>()
  #length = 0

  /** `limit`: how many are remembered; the oldest are forgotten first. `least`: milliseconds, as long as an id is good. */
  constructor(limit: number, least = 0) {
    this.#limit = limit
    this.#memory = Math.max(MEMORY, least)
  }

  add(id: string, now: number, replies?: ReplyStore): void {
    for (const [oldest, grave] of this.#dead) {
      if (grave.until > now && this.#dead.size < this.#limit) break
      this.#forget(grave)
      this.#dead.delete(oldest)
    }
    if (this.#limit === 0) return
    this.#dead.set(id, { left: FAREWELLS, until: now + this.#memory, replies })
    this.#length += replies?.length ?? 0
    for (const grave of this.#length > MAX_REPLIES ? this.#dead.values() : []) {
      this.#forget(grave)
      if (this.#length <= MAX_REPLIES) break
    }
  }

  /** Whether session `id` has ended. */
  has(id: string, now: number): boolean {
    return (this.#dead.get(id)?.until ?? 0) > now
  }

  /** What the session answered to a request of that number, if that was one of its last. */
  replyTo(id: string, sequence: number | undefined): Buffer | undefined {
    return sequence === undefined ? undefined : this.#dead.get(id)?.replies?.get(sequence)
  }

  /** Whether a request of session `id` is still to be answered with "session over". */
  answers(id: string, now: number): boolean {
    const grave = this.#dead.get(id)
    if (grave === undefined || grave.until <= now || grave.left === 0) return false
    grave.left -= 1
    return true
  }

  #forget(grave: Grave): void {
    this.#length -= grave.replies?.length ?? 0
    grave.replies = undefined
  }
}
