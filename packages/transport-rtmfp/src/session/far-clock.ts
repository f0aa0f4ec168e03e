import { TICK } from './round-trip.ts'

/** After as long without a new timestamp the last one says nothing, milliseconds. */
const LIFE = 128_000
const CYCLE = 65_536

/** The far end's clock, of which it is told what it has told us (RFC 7016 §3.5.2.2). */
export class FarClock {
  #timestamp: number | undefined
  #since = 0

  told(timestamp: number, now: number): void {
    if (timestamp === this.#timestamp) return
    this.#timestamp = timestamp
    this.#since = now
  }

  /** The newest timestamp, plus the ticks since then; undefined where there is none. */
  echo(now: number): number | undefined {
    const elapsed = now - this.#since
    if (this.#timestamp === undefined || elapsed > LIFE) return undefined
    return (this.#timestamp + Math.floor(elapsed / TICK)) % CYCLE
  }
}
