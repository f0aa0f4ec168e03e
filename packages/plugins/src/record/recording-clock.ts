// Milliseconds. A greater step between neighbours is another clock's time, not a pause.
const greatestStep = 10_000
const stepAcrossGap = 10

/**
 * Timestamps of a live stream to the time of its recording: from 0, one clock for audio and video, never backwards, on
 * over the wrap at 2^32 ms and over jumps of more than 10 s either way.
 */
export class RecordingClock {
  #incoming: number | undefined
  #position = 0
  #now = 0

  /** The time of the next frame. @param discontinuity true if it may be another clock's, so that a step back is a jump */
  advance(timestamp: number, discontinuity: boolean): number {
    if (this.#incoming !== undefined) {
      // Serial number arithmetic (RFC 1982): right across the wrap.
      const step = (timestamp - this.#incoming) | 0
      const isJump = step > greatestStep || step < (discontinuity ? 0 : -greatestStep)
      this.#position = isJump ? this.#now + stepAcrossGap : this.#position + step
      this.#now = Math.max(this.#now, this.#position)
    }
    this.#incoming = timestamp
    return this.#now
  }
}
