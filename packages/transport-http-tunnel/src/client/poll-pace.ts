/** Milliseconds between two requests, on the average. */
const SPACING = 20
/** Milliseconds of requests that may be made before their time. */
const MOST_CREDIT = 400
/** A reply of so many bytes tells that more waits than fits into one. */
const BULK = 32 * 1024

/**
 * Keeps a client that is fed often from asking for each message alone: each request is paid with {@link SPACING} of
 * time. The less credit is left, the longer the next poll is put off, so that what comes soon after a reply is
 * gathered for the next one. Whoever is rarely fed polls at once.
 */
export class PollPace {
  #credit = MOST_CREDIT
  #at = -Infinity

  /** A request is made. */
  spend(now: number): void {
    this.#credit = Math.max(0, this.#creditAt(now) - SPACING)
    this.#at = now
  }

  /** How long after a reply of `length` bytes, at `now`, the next poll is due. */
  pause(length: number, now: number): number {
    return length >= BULK ? 0 : SPACING * (1 - this.#creditAt(now) / MOST_CREDIT)
  }

  #creditAt(now: number): number {
    return Math.min(MOST_CREDIT, this.#credit + now - this.#at)
  }
}
