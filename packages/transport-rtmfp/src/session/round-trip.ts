const FIRST_TIMEOUT = 3_000
const LEAST_TIMEOUT = 250
const MOST_TIMEOUT = 10_000
const DELAYED_ACKNOWLEDGEMENT = 200
/** Of a round trip that was measured once, as if its variation were half of it. */
const FIRST_MARGIN = 3
/** Milliseconds of a tick of the clocks that packets tell. */
export const TICK = 4
/** The clocks that packets tell begin anew after as many ticks. */
const CYCLE = 65_536
const MINIMUM_SPAN = 10_000

/** How long a packet and the answer to it take, and what follows for timeouts (RFC 7016 §3.5.2.2). Milliseconds. */
export class RoundTrip {
  #smoothed: number | undefined
  #variation = 0
  #least = LEAST_TIMEOUT
  #timeout = FIRST_TIMEOUT
  #lastEcho: number | undefined
  /** The smallest of this span of time, and of the one before. */
  #minimum = Number.POSITIVE_INFINITY
  #minimumBefore = Number.POSITIVE_INFINITY
  #minimumSince = 0
  /** Follows the measured ones faster, so that a short queue shows; single late packets do not. */
  #recent = 0
  /** The highest of it in this round trip, and in the one before. */
  #peak = 0
  #peakBefore = 0
  #peakSince = 0

  /** @param first milliseconds that an answer took while the session was opened: no measurement yet, but a first timeout */
  constructor(first?: number) {
    if (first === undefined) return
    const timeout = Math.max(FIRST_MARGIN * first + DELAYED_ACKNOWLEDGEMENT, LEAST_TIMEOUT)
    this.#timeout = Math.min(timeout, FIRST_TIMEOUT)
  }

  get smoothed(): number | undefined {
    return this.#smoothed
  }

  /** The smallest of the last ten to twenty seconds; infinite before there is one. */
  get minimum(): number {
    return Math.min(this.#minimum, this.#minimumBefore)
  }

  /** Milliseconds that packets waited for others in the last two round trips, at the worst. */
  get queueing(): number {
    return this.#smoothed === undefined ? 0 : Math.max(this.#peak, this.#peakBefore) - this.minimum
  }

  /** Measured timeout: not less than this. */
  get leastTimeout(): number {
    return this.#least
  }

  /** After what time without an acknowledgement what is in flight is lost. */
  get timeout(): number {
    return this.#timeout
  }

  /** Takes the echo of one of our timestamps. */
  echoed(echo: number, now: number): void {
    if (echo === this.#lastEcho) return
    this.#lastEcho = echo
    const ticks = (ticksOf(now) - echo + CYCLE) % CYCLE
    if (ticks < CYCLE / 2) this.measured(ticks * TICK, now)
  }

  measured(roundTrip: number, now: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip
      this.#variation = roundTrip / 2
      this.#recent = roundTrip
    } else {
      this.#variation = (3 * this.#variation + Math.abs(this.#smoothed - roundTrip)) / 4
      this.#smoothed = (7 * this.#smoothed + roundTrip) / 8
    }
    this.#least = this.#smoothed + 4 * this.#variation + DELAYED_ACKNOWLEDGEMENT
    this.#timeout = Math.max(this.#least, LEAST_TIMEOUT)
    if (now - this.#minimumSince > MINIMUM_SPAN) {
      this.#minimumBefore = this.#minimum
      this.#minimum = Number.POSITIVE_INFINITY
      this.#minimumSince = now
    }
    this.#minimum = Math.min(this.#minimum, roundTrip)
    this.#recent = (3 * this.#recent + roundTrip) / 4
    if (now - this.#peakSince > this.#smoothed) {
      this.#peakBefore = this.#peak
      this.#peak = 0
      this.#peakSince = now
    }
    this.#peak = Math.max(this.#peak, this.#recent)
  }

  /** Nothing has come in that time. */
  backOff(): void {
    this.#timeout = Math.max(Math.min(this.#timeout * Math.SQRT2, MOST_TIMEOUT), this.#least)
  }

  /** The way has changed: what was measured says nothing of the new one. */
  reset(): void {
    this.#smoothed = undefined
    this.#minimum = Number.POSITIVE_INFINITY
    this.#minimumBefore = Number.POSITIVE_INFINITY
    this.#timeout = Math.max(this.#timeout, FIRST_TIMEOUT)
  }
}

/** What a clock tells at that time. */
export function ticksOf(now: number): number {
  return Math.floor(now / TICK) % CYCLE
}
