/** Milliseconds that the answer to a poll costs: 48 a second are paid for by the time that passes. */
const COST = 20.5
/** What can be saved up. */
const MOST_CREDIT = 200
/** How far large answers may overdraw. */
const MOST_DEBT = 200
/** Bytes from which on an answer is large: more than audio takes. */
const LARGE = 1_024
/** Bytes from which on an answer is worth a request of its own, whatever there were before. */
const BULK = 32 * 1_024

/**
 * Spares clients a request for each message: with more than 50 a second, small messages, which are audio, wait for
 * what comes next, and a large one goes out at once with all that waits.
 */
export class AnswerPace {
  #credit = MOST_CREDIT
  #at = -Infinity

  /** Milliseconds until so many bytes may be the answer to a poll; 0 when they may be now. */
  wait(length: number, now: number): number {
    if (length >= BULK) return 0
    const needed = length >= LARGE ? COST - MOST_DEBT : COST
    return Math.max(0, needed - this.#creditAt(now))
  }

  /** A poll is answered with something. */
  spend(now: number): void {
    this.#credit = Math.max(-MOST_DEBT, this.#creditAt(now) - COST)
    this.#at = now
  }

  #creditAt(now: number): number {
    return Math.min(MOST_CREDIT, this.#credit + now - this.#at)
  }
}
