import { FlvError } from './errors.ts'
import type { MediaMessage } from './media-message.ts'
import { tracksOf } from './tracks-of.ts'

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
 * Timestamps of a live stream to those of files: one clock for audio and video, carried on over the wrap at 2^32 ms and
 * over jumps of more than 10 s either way. Within a track it never runs backwards; one track may come ahead of another.
 */
export class RecordingClock {
  readonly #rebase: boolean
  readonly #startTime: number
  /** What each track has had last in this file. */
  readonly #times = new Map<number, number>()
  #incoming: number | undefined
  /** Where the last piece of media was on this clock, and the time that it got. */
  #position = 0
  #last = 0
  #start = 0
  #now = 0

  /** @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` for a start time that FLV does not have */
  constructor(options: RecordingClockOptions = {}) {
    const { rebase = true, startTime = 0 } = options
    requireStartTime(startTime)
    this.#rebase = rebase
    this.#startTime = startTime
    if (rebase) this.#now = startTime
  }

  /** The greatest time in this file so far, before that its start. */
  get now(): number {
    return this.#now
  }

  /**
   * The time for the next piece of media, in milliseconds.
   *
   * @param message sound or a picture, with its timestamp as received
   * @param discontinuity true if it may be another clock's: then it need not run backwards by 10 s to be taken for one
   * @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` after 24.8 days in one file
   */
  advance(message: MediaMessage, discontinuity: boolean): number {
    const { timestamp } = message
    const tracks = tracksOf(message)
    if (this.#incoming === undefined) {
      this.#position = this.#start = this.#now = this.#rebase ? this.#startTime : timestamp | 0
    } else {
      // Serial number arithmetic (RFC 1982): right across the wrap.
      const step = (timestamp - this.#incoming) | 0
      const isBack = this.#position + step < (this.#lastOf(tracks) ?? this.#now)
      const isJump = Math.abs(step) > greatestStep || (discontinuity && isBack)
      this.#position = isJump ? this.#now + stepAcrossGap : this.#position + step
    }
    this.#incoming = timestamp
    const time = Math.max(this.#position, this.#lastOf(tracks) ?? this.#start)
    if (time > greatest) {
      throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps end at ${greatest} ms, this would be ${time}`)
    }
    for (const track of tracks) this.#times.set(track, time)
    this.#last = time
    this.#now = Math.max(this.#now, time)
    return time
  }

  /** The time for what is not media itself: that of the media before it, of its own tracks where they have any. */
  beside(message: MediaMessage): number {
    return this.#lastOf(tracksOf(message)) ?? this.#now
  }

  /**
   * Begins another file with the piece of media that came last, which is at its start.
   *
   * @param startTime milliseconds
   * @returns the start
   * @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` for a start time that FLV does not have
   */
  beginFile(startTime: number): number {
    requireStartTime(startTime)
    this.#times.clear()
    this.#position += startTime - this.#last
    this.#last = this.#start = this.#now = startTime
    return startTime
  }

  /** Undefined if none of them has had anything in this file. */
  #lastOf(tracks: readonly number[]): number | undefined {
    let last: number | undefined
    for (const track of tracks) {
      const time = this.#times.get(track)
      if (time !== undefined) last = Math.max(last ?? time, time)
    }
    return last
  }
}

function requireStartTime(startTime: number): void {
  if (Number.isInteger(startTime) && startTime >= 0 && startTime <= greatest) return
  throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps are from 0 to ${greatest} ms, not ${startTime}`)
}
