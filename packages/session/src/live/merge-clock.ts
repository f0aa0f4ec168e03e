/** What waits for the clock. */
export interface Due {
  /** @param waited where it has waited: if it is not there any more by its own count, nothing is to be done */
  flushIn(waited: Waiting): void
}

/** Who waits for the same moment. */
export type Waiting = readonly Due[]

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
  #soon: Due[] | undefined
  /** The last tick that somebody waits for, and who does. */
  #tick = -Infinity
  #waiting: Due[] = []

  constructor(window: number) {
    this.window = window
  }

  /**
   * Flushes at the end of this turn, after everything that is read in it.
   *
   * @returns where it waits, until it is called or no longer wants to be
   */
  soon(due: Due): Waiting {
    if (this.#soon === undefined) {
      this.#soon = []
      setImmediate(() => {
        const all = this.#soon
        this.#soon = undefined
        flushAll(all)
      })
    }
    this.#soon.push(due)
    return this.#soon
  }

  /**
   * Flushes at the end of a window that begins now, or a tick earlier.
   *
   * @param now milliseconds, of `performance`
   * @returns where it waits, until it is called or no longer wants to be
   */
  later(due: Due, now: number): Waiting {
    const length = this.window / ticksPerWindow
    const tick = Math.floor((now + this.window) / length)
    if (tick !== this.#tick) this.#begin(tick, tick * length - now)
    this.#waiting.push(due)
    return this.#waiting
  }

  #begin(tick: number, wait: number): void {
    const waiting: Due[] = []
    this.#tick = tick
    this.#waiting = waiting
    setTimeout(flushAll, wait, waiting)
  }
}

function flushAll(all: Waiting = []): void {
  for (const due of all) due.flushIn(all)
}
