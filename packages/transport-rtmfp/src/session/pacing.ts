import { MOST_CHUNK } from './congestion.ts'

/** A burst that every line takes (RFC 7016 appendix A.2). */
const BURST = 6 * MOST_CHUNK
/** Round trips for which timers are too coarse, milliseconds. */
const SHORT = 4.5

/** Spreads what the window allows over the round trip. */
export class Pacing {
  #tokens = BURST
  #filledAt = 0
  #rate = Number.POSITIVE_INFINITY

  /** @param gain of what the window and the round trip give */
  refill(now: number, window: number, roundTrip: number | undefined, gain: number): void {
    this.#rate = roundTrip === undefined || roundTrip < SHORT ? Number.POSITIVE_INFINITY : (gain * window) / roundTrip
    const elapsed = Math.max(0, now - this.#filledAt)
    this.#filledAt = now
    this.#tokens =
      this.#rate === Number.POSITIVE_INFINITY ? BURST : Math.min(BURST, this.#tokens + this.#rate * elapsed)
  }

  get canSend(): boolean {
    return this.#tokens > 0 || this.#rate === Number.POSITIVE_INFINITY
  }

  sent(bytes: number): void {
    this.#tokens -= bytes
  }

  /** When it can be sent again. */
  get nextAt(): number {
    return this.canSend ? this.#filledAt : this.#filledAt + Math.max(1, Math.ceil(-this.#tokens / this.#rate))
  }
}
