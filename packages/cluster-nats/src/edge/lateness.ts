import { quickestTime } from './limits.ts'

/**
 * How late frames are. The sender's clock is another one, and drifts: what counts is by how much a frame took longer than
 * the quickest of the last minute. A node that was frozen hears nothing in that time, and does not forget how quick frames
 * were before.
 */
export class Lateness {
  #quickest = Infinity
  /** Of the time before. */
  #quickestBefore = Infinity
  #since = -Infinity

  /**
   * @param sentAt by the sender's clock, milliseconds
   * @param now by ours
   * @returns milliseconds
   */
  note(sentAt: number, now: number): number {
    if (now - this.#since >= quickestTime) {
      this.#since = now
      this.#quickestBefore = this.#quickest
      this.#quickest = Infinity
    }
    const way = now - sentAt
    this.#quickest = Math.min(this.#quickest, way)
    return way - Math.min(this.#quickest, this.#quickestBefore)
  }
}
