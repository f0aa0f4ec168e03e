import { FlvError } from './errors.ts'

/** Options of a {@link RecordingClock}. */
export interface RecordingClockOptions {
  /** True to start at 0, false at the first timestamp as it is. Default true. */
  readonly rebase?: boolean
  /** Where to start instead of at 0, in milliseconds. Not used without `rebase`. */
  readonly startTime?: number
}

// Milliseconds. A greater step between neighbours is another clock's time, not a pause.
const greatestStep = 10_000
const stepAcrossGap = 10
const greatest = 0x7fff_ffff

/**
 * Timestamps of a live stream to those of one file: one clock for audio and video, never running backwards, carried on
 * over the wrap at 2^32 ms and over jumps of more than 10 s either way.
 */
export class RecordingClock {
  readonly #rebase: boolean
  readonly #startTime: number
  #incoming: number | undefined
  #position = 0
  #now = 0

  /** @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` for a start time that FLV does not have */
  constructor(options: RecordingClockOptions = {}) {
    const { rebase = true, startTime = 0 } = options
    if (!Number.isInteger(startTime) || startTime < 0 || startTime > greatest) {
      throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps are from 0 to ${greatest} ms, not ${startTime}`)
    }
    this.#rebase = rebase
    this.#startTime = startTime
    if (rebase) this.#now = startTime
  }

  /** What was last returned by {@link advance}, before that the start: the time for whatever is not media itself. */
  get now(): number {
    return this.#now
  }

  /**
   * The time for the next piece of media, in milliseconds.
   *
   * @param timestamp unsigned 32 bit, as received
   * @param discontinuity true if it may be another clock's: then it need not run backwards by 10 s to be taken for one
   * @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` after 24.8 days
   */
  advance(timestamp: number, discontinuity: boolean): number {
    if (this.#incoming === undefined) {
      this.#position = this.#now = this.#rebase ? this.#startTime : timestamp | 0
    } else {
      // Serial number arithmetic (RFC 1982): right across the wrap.
      const step = (timestamp - this.#incoming) | 0
      const isJump = step > greatestStep || step < (discontinuity ? 0 : -greatestStep)
      this.#position = isJump ? this.#now + stepAcrossGap : this.#position + step
      this.#now = Math.max(this.#now, this.#position)
    }
    this.#incoming = timestamp
    if (this.#now > greatest) {
      throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps end at ${greatest} ms, this would be ${this.#now}`)
    }
    return this.#now
  }
}
