import { timeSince } from './flv-time.ts'

/** Milliseconds. What differs by more is the time of another clock, not a frame that is late. */
export const greatestStep = 10_000

/**
 * Timestamps of an FLV file to those of the film, which begins with 0. Where they step back behind the film's beginning, as
 * in files that were joined, or written by FFmpeg across 2^31, or with tracks on clocks far apart, another clock goes on
 * from the latest time; frames of the clock before it keep that one.
 */
export class FlvClock {
  /** Timestamp that would be the beginning of the film. */
  #first: number
  /** The same of the clock that was used before. */
  #other: number | undefined
  #latest = 0

  /**
   * @param first timestamp of the first frame
   * @param start the frame to begin with, if that is another one: its timestamp, and the time that it has in the film
   */
  constructor(first: number, start?: { readonly timestamp: number; readonly time: number }) {
    this.#first = first
    if (start === undefined) return
    this.#latest = start.time
    if (timeSince(first, start.timestamp) === start.time) return
    this.#other = first
    this.#first = start.timestamp - start.time
  }

  /** Milliseconds from the beginning of the film, of the next frame. */
  timeOf(timestamp: number): number {
    let time = timeSince(this.#first, timestamp)
    const isBehind = time < -greatestStep
    if (isBehind || time > this.#latest + greatestStep) {
      const [other, latest] = [this.#other, this.#latest]
      const otherTime = other === undefined ? Infinity : timeSince(other, timestamp)
      if (other !== undefined && Math.abs(otherTime - latest) <= greatestStep) time = this.#change(other, otherTime)
      else if (isBehind) time = this.#change(timestamp - latest, latest)
    }
    this.#latest = Math.max(this.#latest, time)
    return Math.max(0, time)
  }

  /** Of what is no frame. Headers and data may have the time of any clock, and then come with the frame before. */
  timeBeside(timestamp: number): number {
    const time = timeSince(this.#first, timestamp)
    return Math.abs(time - this.#latest) <= greatestStep ? Math.max(0, time) : this.#latest
  }

  #change(first: number, time: number): number {
    this.#other = this.#first
    this.#first = first
    return time
  }
}
