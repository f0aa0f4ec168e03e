/** Milliseconds of sound. */
const [leastMargin, mostMargin, step] = [10, 400, 10]
/** Less than that is not worth a cut. */
const leastCut = 5
/** Milliseconds of clock. */
const [firstWindow, window, begin, calm] = [100, 500, 1_000, 10_000]

/**
 * How much sound is to wait for its turn. It learns both ways: what half a second never needed is cut at once, a gap adds 10 ms
 * to what has to stay, and ten calm seconds take them off again.
 */
export class Jitter {
  #margin: number = leastMargin
  #began = Number.NaN
  #windowBegan = 0
  #least = Number.POSITIVE_INFINITY
  #calmSince = 0

  /** Milliseconds that should be left when the next sound comes. */
  get margin(): number {
    return this.#margin
  }

  /** Sound begins, or goes on after a gap. */
  start(now: number): void {
    if (Number.isNaN(this.#began)) this.#began = now
    this.#calmSince = now
    this.#restart(now)
  }

  /** There was nothing to play. */
  gap(): void {
    this.#margin = Math.min(this.#margin + step, mostMargin)
  }

  /** Milliseconds to cut, mostly 0. @param level milliseconds that wait */
  observe(level: number, now: number): number {
    this.#least = Math.min(this.#least, level)
    if (now - this.#calmSince >= calm) {
      this.#margin = Math.max(this.#margin - step, leastMargin)
      this.#calmSince = now
    }
    if (now - this.#windowBegan < (now - this.#began < begin ? firstWindow : window)) return 0
    const surplus = this.#least - this.#margin
    this.#restart(now)
    return surplus >= leastCut ? surplus : 0
  }

  #restart(now: number): void {
    this.#windowBegan = now
    this.#least = Number.POSITIVE_INFINITY
  }
}
