/** By how much the delay may grow for each millisecond: faster than two clocks drift apart, too slow to be heard. */
const drift = 0.0002
/** A delay that is so much longer is none, nothing waits that long: the source counts from another moment, as after sleep. */
const jump = 10_000

/**
 * The clock of one camera or microphone, as the page's clock shows it. Each source counts from a moment of its own; the
 * smallest delay that was seen between a timestamp and its arrival says when that was. Milliseconds everywhere.
 */
export class SourceClock {
  #offset = Infinity
  #seen = 0

  /** A picture or sound with this timestamp has arrived. */
  see(timestamp: number, now: number): void {
    const delay = now - timestamp
    const longest = this.#offset + (now - this.#seen) * drift
    this.#offset = delay - longest > jump ? delay : Math.min(longest, delay)
    this.#seen = now
  }

  /** The timestamp as the page's clock would have it; after {@link SourceClock.see} only. */
  at(timestamp: number): number {
    return timestamp + this.#offset
  }
}
