/** What waits for the clock. */
export interface Due {
  flush(): void
}

/** Windows that end within such a part of a window end together, at the earlier end. */
const ticksPerWindow = 8

/**
 * Says when merge windows end, for all streams of a server together: a timer of its own for each stream would be some fifty
 * turns of the event loop a second, with little to do in each.
 */
export class MergeClock {
  /** Milliseconds that messages wait at most; 0 is until the end of the turn of the event loop. */
  readonly window: number
  /** Who waits for the end of this turn. */
  #soon: Set<Due> | undefined
  /** The last tick that somebody waits for, and who does. */
  #tick = -Infinity
  #waiting = new Set<Due>()

  constructor(window: number) {
    this.window = window
  }

  /**
   * Flushes at the end of this turn, after everything that is read in it.
   *
   * @returns where it waits: what is taken out of there is not flushed
   */
  soon(due: Due): Set<Due> {
    if (this.#soon === undefined) {
      this.#soon = new Set()
      setImmediate(() => {
        const all = this.#soon
        this.#soon = undefined
        flushAll(all)
      })
    }
    return this.#soon.add(due)
  }

  /**
   * Flushes at the end of a window that begins now, or a tick earlier.
   *
   * @param now milliseconds, of `performance`
   * @returns where it waits: what is taken out of there is not flushed
   */
  later(due: Due, now: number): Set<Due> {
    const length = this.window / ticksPerWindow
    const tick = Math.floor((now + this.window) / length)
    if (tick !== this.#tick) this.#begin(tick, tick * length - now)
    return this.#waiting.add(due)
  }

  #begin(tick: number, wait: number): void {
    const waiting = new Set<Due>()
    this.#tick = tick
    this.#waiting = waiting
    setTimeout(flushAll, wait, waiting)
  }
}

function flushAll(all: Iterable<Due> = []): void {
  for (const due of all) due.flush()
}
