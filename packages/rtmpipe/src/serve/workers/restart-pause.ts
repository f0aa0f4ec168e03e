/** A worker that lives as long as this has got over what ended those before it. Milliseconds. */
const steadyLife = 30_000
const [minPause, maxPause] = [1_000, 30_000]

/**
 * How long to wait before a worker is started again: the first time not at all, then twice as long each time, so that a
 * fault at the start does not spin.
 */
export class RestartPause {
  #next = 0

  /**
   * @param life milliseconds that the worker lived
   * @returns milliseconds to wait: 0, 1,000, 2,000 … 30,000; from the beginning after a life of 30,000
   */
  after(life: number): number {
    const pause = life >= steadyLife ? 0 : this.#next
    this.#next = Math.min(maxPause, Math.max(minPause, 2 * pause))
    return pause
  }
}
