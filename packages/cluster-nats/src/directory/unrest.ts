import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import { promptStart, returnGrace } from './limits.ts'

/**
 * When the network was there again, or lost a server, or the directory did not answer: others may not be back yet. Until
 * they have had the time, nobody is gone because the servers do not know of him.
 */
export class Unrest {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #ends: readonly (() => void)[]
  #wasUp: boolean
  #notedAt = -Infinity

  constructor(bus: Bus, clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#ends = [bus.onUp(() => this.#return()), bus.onLoss?.(() => this.note()) ?? (() => {})]
    this.#wasUp = bus.isUp
  }

  /** Whether others have had the time to be back. */
  get isOver(): boolean {
    return this.#clock.now() - this.#notedAt >= returnGrace
  }

  /** Whether there has been none since then, of the clock. */
  isBefore(time: number): boolean {
    return this.#notedAt < time
  }

  /** For what the bus does not tell: the directory did not answer. */
  note(): void {
    this.#notedAt = this.#clock.now()
  }

  end(): void {
    for (const end of this.#ends) end()
  }

  /** A process that is connected soon after its start was not away. */
  #return(): void {
    if (this.#wasUp || this.#clock.now() - this.#startedAt > promptStart) this.note()
    this.#wasUp = true
  }
}
