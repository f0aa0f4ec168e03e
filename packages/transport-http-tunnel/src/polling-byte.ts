/** First byte of a reply once the session is over. */
export const SESSION_OVER = 0x00
/** First byte of a reply that asks the client to poll again at once. */
export const POLL_NOW = 0x01
/** Milliseconds that one count of the polling byte stands for, as Flash Player counted. */
export const POLLING_UNIT = 16

const PATIENCE = 10
const GREATEST_DELAY = 32

/**
 * The byte that heads every `/send` and `/idle` reply: how long the client should wait before it polls again. It
 * stays at 01 until more than ten polls in a row found nothing, then grows 03, 05, 09, 11, 21.
 */
export class PollingByte {
  #empty = 0
  #delay = 0

  /** For a reply with data, and for one to `/send`, which may soon have an answer: starts anew. */
  busy(): number {
    this.#empty = 0
    this.#delay = 0
    return POLL_NOW
  }

  /** For a reply to `/idle` that carries nothing. */
  empty(): number {
    this.#empty += 1
    if (this.#empty > PATIENCE) this.#delay = Math.min(GREATEST_DELAY, this.#delay === 0 ? 2 : this.#delay * 2)
    return POLL_NOW + this.#delay
  }
}
