import { setImmediate } from 'node:timers/promises'

/** Gives other connections their turn in a loop that may find all it reads in memory, where awaiting alone does not do that. */
export class Turns {
  readonly #every: number
  #steps = 0

  /** @param every steps between two pauses */
  constructor(every: number) {
    this.#every = every
  }

  /** Counts a step. True when {@link pause} is due. */
  isDue(): boolean {
    this.#steps += 1
    if (this.#steps < this.#every) return false
    this.#steps = 0
    return true
  }

  /** Resolves when everything else that is due has run. */
  pause(): Promise<void> {
    return setImmediate()
  }
}
