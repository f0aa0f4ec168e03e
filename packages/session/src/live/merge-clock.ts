/** What waits for the clock. */
export interface Due {
  /** @param moment for which it has waited: if it waits for another one by now, or for none, nothing is to be done */
  flushAt(moment: number): void
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
  /** Moments so far that somebody has waited for, which are known by their numbers, from 1 on. */
  #moments = 0
  /** Who waits for the end of this turn. */
  #soon: Due[] | undefined
  #soonMoment = 0
  /** The last tick that somebody waits for, and who does. */
  #tick = -Infinity
  #tickMoment = 0
  #waiting: Due[] = []

  constructor(window: number) {
    this.window = window
  }

  /**
   * Flushes at the end of this turn, after everything that is read in it.
   *
   * @returns the moment for which it waits, until it is called or no longer wants to be
   */
  soon(due: Due): number {
    this.#soon ??= this.#beginSoon()
    this.#soon.push(due)
    return this.#soonMoment
  }

  /**
   * Flushes at the end of a window that begins now, or a tick earlier.
   *
   * @param now milliseconds, of `performance`
   * @returns the moment for which it waits, until it is called or no longer wants to be
   */
  later(due: Due, now: number): number {
    const length = this.window / ticksPerWindow
    const tick = Math.floor((now + this.window) / length)
    if (tick !== this.#tick) this.#beginTick(tick, tick * length - now)
    this.#waiting.push(due)
    return this.#tickMoment
  }

  #beginSoon(): Due[] {
    const all: Due[] = []
    const moment = this.#nextMoment()
    this.#soonMoment = moment
    setImmediate(() => {
      this.#soon = undefined
      flushAll(all, moment)
    })
    return all
  }

  #beginTick(tick: number, wait: number): void {
    this.#tick = tick
    this.#tickMoment = this.#nextMoment()
    this.#waiting = []
    setTimeout(flushAll, wait, this.#waiting, this.#tickMoment)
  }

  #nextMoment(): number {
    this.#moments += 1
    return this.#moments
  }
}

function flushAll(all: readonly Due[], moment: number): void {
  for (const due of all) due.flushAt(moment)
}
