/** Milliseconds that count. */
const window = 10_000
/** Least milliseconds that a rate is worked out over: the first messages come at once. */
const shortest = 1_000

interface Reading {
  readonly bytes: number
  readonly time: number
}

/** How fast a counter of bytes has grown in the last ten seconds, from readings of it every few seconds. */
export class RecentRate {
  #readings: Reading[] = []

  /** The counter begins at 0. @param now milliseconds, of any clock */
  begin(now: number): void {
    this.#readings = [{ bytes: 0, time: now }]
  }

  look(bytes: number, now: number): void {
    this.#readings.push({ bytes, time: now })
    // The newest reading that is as old as the window is the first that counts.
    while (now - (this.#readings[1]?.time ?? Infinity) >= window) this.#readings.shift()
  }

  /** Bits per second until now; 0 before the first {@link RecentRate.begin}. */
  bitsPerSecond(bytes: number, now: number): number {
    const from = this.#readings.find((_reading, at) => now - (this.#readings[at + 1]?.time ?? Infinity) < window)
    if (from === undefined) return 0
    return Math.round(((bytes - from.bytes) * 8_000) / Math.max(now - from.time, shortest))
  }
}
