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

// Milliseconds. A greater step between neighbours of a track is another clock's time, not a pause.
const greatestStep = 10_000
const stepAcrossGap = 10
/** How far a track may run backwards where another one's clock explains its jump: one that stood still for longer is another. */
const slack = 200
const greatest = 0x7fff_ffff

/** Where a track is. */
interface TrackTime {
  /** Timestamp of its newest piece of media, as received. */
  readonly incoming: number
  /** The time that this was, in the file. */
  readonly position: number
  /** The time that it got in this file; undefined if it was in one before. */
  readonly last: number | undefined
  /** True where another track has gone on after a hole since then, so that this one may go on with another clock, too. */
  readonly isMarked: boolean
}

/**
 * Timestamps of a live stream to those of files, carried on over the wrap at 2^32 ms. Each track is followed by its own
 * steps, so that tracks whose clocks are far apart keep their own pace. A jump of more than 10 s either way is closed;
 * where another track's clock explains it, it is a pause, or a jump that the other has made before. Within a track, time
 * never runs backwards; one track may come ahead of another.
 */
export class RecordingClock {
  readonly #rebase: boolean
  readonly #startTime: number
  /** The track that was heard of last comes last. */
  readonly #tracks = new Map<number, TrackTime>()
  /** The time that the newest piece of media got. */
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
    const position = this.#position(timestamp, tracks, discontinuity)
    const time = Math.max(position, this.#lastOf(tracks) ?? this.#start)
    if (time > greatest) {
      throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps end at ${greatest} ms, this would be ${time}`)
    }
    if (discontinuity) for (const [track, known] of this.#tracks) this.#tracks.set(track, { ...known, isMarked: true })
    for (const track of tracks) {
      this.#tracks.delete(track)
      this.#tracks.set(track, { incoming: timestamp, position, last: time, isMarked: false })
    }
    this.#last = time
    this.#now = Math.max(this.#now, time)
    return time
  }

  /** The time for what is not media itself: that of the media before it, of its own tracks where they have any. */
  beside(message: MediaMessage): number {
    return this.#lastOf(tracksOf(message)) ?? this.#now
  }

  /**
   * Begins another file: with the piece of media that came last, or with some that were given before and belong to it.
   *
   * @param startTime milliseconds
   * @param origin the time in the file before of the first of all that belong to this one; undefined if that is the last
   * @returns the time of the last piece of media in this file
   * @throws FlvError `RTMP_ERR_FLV_TIMESTAMP` for a start time that FLV does not have
   */
  beginFile(startTime: number, origin?: number): number {
    requireStartTime(startTime)
    const shift = startTime - (origin ?? this.#last)
    this.#last = this.#now = this.#last + shift
    for (const [track, known] of this.#tracks) {
      const isIn = origin !== undefined && known.last !== undefined && known.last >= origin
      const last = isIn ? known.last + shift : undefined
      this.#tracks.set(track, { ...known, position: known.position + shift, last })
      this.#now = Math.max(this.#now, last ?? this.#now)
    }
    this.#start = startTime
    return this.#last
  }

  #position(timestamp: number, tracks: readonly number[], discontinuity: boolean): number {
    if (this.#tracks.size === 0) return (this.#start = this.#now = this.#rebase ? this.#startTime : timestamp | 0)
    const own = tracks.map(track => this.#tracks.get(track)).find(track => track !== undefined)
    const last = this.#lastOf(tracks) ?? this.#now
    const isOtherClock = (position: number): boolean => (discontinuity || own?.isMarked === true) && position < last
    for (const known of this.#candidates(own)) {
      // Serial number arithmetic (RFC 1982): right across the wrap.
      const step = (timestamp - known.incoming) | 0
      const position = known.position + step
      const isOff = own !== undefined && known !== own && position < last - slack
      if (Math.abs(step) <= greatestStep && !isOff && !isOtherClock(position)) return position
    }
    // Nothing tells how far apart the clocks are: a new track begins when it comes.
    return own === undefined && !discontinuity ? this.#now : this.#now + stepAcrossGap
  }

  /** Whose clock it may be: a track's own, then that of the track that was heard of last, and so on. */
  *#candidates(own: TrackTime | undefined): Generator<TrackTime> {
    if (own !== undefined) yield own
    yield* [...this.#tracks.values()].reverse()
  }

  /** Undefined if none of them has had anything in this file. */
  #lastOf(tracks: readonly number[]): number | undefined {
    let last: number | undefined
    for (const track of tracks) {
      const time = this.#tracks.get(track)?.last
      if (time !== undefined) last = Math.max(last ?? time, time)
    }
    return last
  }
}

function requireStartTime(startTime: number): void {
  if (Number.isInteger(startTime) && startTime >= 0 && startTime <= greatest) return
  throw new FlvError('RTMP_ERR_FLV_TIMESTAMP', `FLV timestamps are from 0 to ${greatest} ms, not ${startTime}`)
}
