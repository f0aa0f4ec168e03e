/** By how much the delay may grow for each millisecond: faster than two clocks drift apart, too slow to be heard. */
const drift = 0.0002
/** A delay that is so much longer is none, nothing waits that long: the source counts from another moment, as after sleep. */
const jump = 10_000
/** What is missing by more than that, in milliseconds, is not caught up with slowly. */
const gap = 10
/** After so long with nothing, what has waited comes all at once, and its delays say nothing of what is missing. */
const standstill = 200

/**
 * The clock of one camera or microphone, as the page's clock shows it. Each source counts from a moment of its own; the
 * smallest delay that was seen between a timestamp and its arrival says when that was. Milliseconds everywhere.
 */
export class SourceClock {
  readonly #patience: number
  #offset = Infinity
  #seen = 0
  /** Smallest delay since then. */
  #least = Infinity
  #since = 0

  /** @param patience after so long without a shorter delay, a longer one is the true one: for a source that may stand still */
  constructor(patience: number = Infinity) {
    this.#patience = patience
  }

  /** A picture or sound with this timestamp has arrived. */
  see(timestamp: number, now: number): void {
    const delay = now - timestamp
    const longest = this.#offset + (now - this.#seen) * drift
    this.#offset = delay - longest > jump ? delay : Math.min(longest, delay)
    if (now - this.#seen > standstill) this.#watch(now)
    this.#seen = now
    this.#least = Math.min(this.#least, delay)
    if (now - this.#since < this.#patience) return
    if (this.#least - this.#offset > gap) this.#offset = this.#least
    this.#watch(now)
  }

  /** The timestamp as the page's clock would have it; after {@link SourceClock.see} only. */
  at(timestamp: number): number {
    return timestamp + this.#offset
  }

  #watch(now: number): void {
    this.#least = Infinity
    this.#since = now
  }
}
