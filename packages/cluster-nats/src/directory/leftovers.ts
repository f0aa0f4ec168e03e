import type { Clock } from '../contract/clock.ts'
import type { Store } from '../contract/store.ts'
import { ignoreDown } from './lease.ts'
import { giveBackPeriod, maxLeftovers } from './limits.ts'
import { parseOwner } from './messages.ts'

/** What may still stand in the directory for a claim that is over. */
export interface Leftover {
  readonly sid: string
  /** The claim's id. */
  readonly id: string
  /** Undefined when it is not known whether, or as what, it was written. */
  readonly revision: number | undefined
}

/**
 * Removes claims from the directory, later when it does not answer. Nobody waits for that: a node that is asked for a
 * claim it does not hold says that the name is free.
 */
export class Leftovers {
  readonly #streams: Store
  readonly #clock: Clock
  readonly #left = new Map<string, Leftover>()
  #cancel: (() => void) | undefined
  #isOver = false

  constructor(streams: Store, clock: Clock) {
    this.#streams = streams
    this.#clock = clock
  }

  /** How many wait for the directory. */
  get size(): number {
    return this.#left.size
  }

  /** Resolves when it is removed, or kept for later. */
  async remove(leftover: Leftover): Promise<void> {
    if ((await this.#tryToRemove(leftover).catch(ignoreDown)) !== null || this.#isOver) return
    this.#left.set(leftover.id, leftover)
    const [oldest] = this.#left.keys()
    if (this.#left.size > maxLeftovers && oldest !== undefined) this.#left.delete(oldest)
    this.#wait()
  }

  /** Tries once more, and then leaves what can't be removed. */
  async end(): Promise<void> {
    this.#isOver = true
    this.#cancel?.()
    await this.#removeAll()
    this.#left.clear()
  }

  #wait(): void {
    if (!this.#isOver) this.#cancel ??= this.#clock.after(giveBackPeriod, () => void this.#removeAll())
  }

  /** One after the other, until the directory fails again. */
  async #removeAll(): Promise<void> {
    this.#cancel = undefined
    for (const leftover of this.#left.values()) {
      if ((await this.#tryToRemove(leftover).catch(ignoreDown)) === null) return this.#wait()
      this.#left.delete(leftover.id)
    }
  }

  async #tryToRemove({ sid, id, revision }: Leftover): Promise<void> {
    if (revision !== undefined && (await this.#streams.remove(sid, revision))) return
    // It may have been written again under another revision, or not at all.
    const entry = await this.#streams.get(sid)
    if (entry !== undefined && parseOwner(entry.value)?.claim === id) await this.#streams.remove(sid, entry.revision)
  }
}
