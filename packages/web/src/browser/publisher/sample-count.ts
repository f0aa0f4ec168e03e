import { SourceClock } from './source-clock.ts'

/** Milliseconds after which sound is not late any more, but missing. */
const patience = 500

/**
 * Time as encoders of sound see it: most count samples from the first one on. What was never recorded, because the computer was
 * busy, would put all later sound before its picture. So here all of them count, and what is missing is added to what they
 * give. Milliseconds by the track's clock.
 */
export class SampleCount {
  readonly #clock = new SourceClock(patience)
  #next: number | undefined

  /** Some sound is to be encoded. @returns its timestamp by count */
  take({
    timestamp,
    numberOfFrames,
    sampleRate,
  }: Pick<AudioData, 'timestamp' | 'numberOfFrames' | 'sampleRate'>): number {
    const counted = this.#next ?? timestamp / 1000
    this.#clock.see(counted, timestamp / 1000)
    this.#next = counted + (numberOfFrames / sampleRate) * 1000
    return counted
  }

  /** When that was recorded which has this timestamp by count. */
  timeOf(counted: number): number {
    return this.#clock.at(counted)
  }
}
