/** What tells whether a video goes on. */
export type Progress = Pick<HTMLVideoElement, 'currentTime' | 'paused' | 'readyState'>

/** `HAVE_FUTURE_DATA`: a video that is paused with it was paused by somebody. */
const haveFutureData = 3

/** Counts how long a video stands that nobody has paused. */
export class Standstill {
  #at: number | undefined
  #count = 0

  /** How many looks in a row have found it where it was. Looks come at even intervals. */
  look({ currentTime, paused, readyState }: Progress): number {
    const stands = currentTime === this.#at && !(paused && readyState >= haveFutureData)
    this.#at = currentTime
    this.#count = stands ? this.#count + 1 : 0
    return this.#count
  }
}
