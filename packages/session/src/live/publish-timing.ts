import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { StreamTiming } from '../contract/stream-view.ts'
import { isPictureRole, MediaRole } from '../protocol/media-role.ts'
import { pictureTracks, trackZero } from '../protocol/message-tracks.ts'
import { ClockDrift } from './clock-drift.ts'

/** Milliseconds of the publisher's clock between two readings of ours. */
const interval = 1_000
/** A clock that goes further than this from one frame to the next has jumped. Milliseconds. */
const maxStep = 1_000
/** Keyframes of several tracks that are no further apart belong to one group. Milliseconds. */
const alignment = 100

/**
 * How evenly a publisher sends: its groups of pictures, its clock beside ours, and jumps of its clock. Of most messages
 * only the time is kept; our clock is read once a second.
 */
export class PublishTiming implements StreamTiming {
  readonly #drift = new ClockDrift()
  #gop: StreamTiming['gop']
  #groupStart: number | undefined
  /** Of the group that has begun: one, or one for each track. */
  #keyframes = 0
  #pictures = 0
  #isMultitrack = false
  /** Time of the last frame of each kind; undefined before there is one. */
  #lastAudio: number | undefined
  #lastVideo: number | undefined
  /** Time of the frame at which our clock was read last. */
  #read: number | undefined
  #gaps = 0
  #lastGap: number | undefined

  get gop(): StreamTiming['gop'] {
    return this.#gop
  }

  get clockDrift(): number | undefined {
    return this.#drift.milliseconds
  }

  get gaps(): number {
    return this.#gaps
  }

  get lastGap(): Date | undefined {
    return this.#lastGap === undefined ? undefined : new Date(this.#lastGap)
  }

  /** A message has come, with its publisher's own time. Headers, metadata and data tell nothing: many have a time of 0. */
  note(message: RtmpMessage, role: MediaRole): void {
    if (role < MediaRole.Audio) return
    const { timestamp } = message
    const isPicture = isPictureRole(role)
    const ahead = this.#read === undefined ? interval : (timestamp - this.#read) | 0
    if (ahead < 0 || ahead >= interval) this.#tick(timestamp, isPicture, ahead)
    if (!isPicture) {
      this.#lastAudio = timestamp
      return
    }
    this.#lastVideo = timestamp
    this.#pictures += 1
    if (role === MediaRole.Keyframe) this.#keyframe(message)
  }

  #tick(timestamp: number, isPicture: boolean, ahead: number): void {
    const last = isPicture ? this.#lastVideo : this.#lastAudio
    const now = performance.now()
    const hasJumped = last !== undefined && this.#hasJumped(timestamp, last, now)
    if (hasJumped) {
      this.#gaps += 1
      this.#lastGap = Date.now()
      this.#groupStart = undefined
      this.#drift.jump()
    }
    // The clock is that of the pictures, if there are any.
    if (!isPicture && this.#lastVideo !== undefined) return
    if (last === undefined) this.#drift.jump()
    else if (!hasJumped && ahead < 0) return
    this.#read = timestamp
    this.#drift.note(timestamp, now)
  }

  #hasJumped(timestamp: number, last: number, now: number): boolean {
    // Audio and video may be apart for good, and one of the two may pause.
    if (!isFar(timestamp, this.#lastAudio) || !isFar(timestamp, this.#lastVideo)) return false
    // A stream that sends seldom: our clock was read at the last frame.
    return last !== this.#read || Math.abs(this.#drift.step(timestamp, now)) > maxStep
  }

  #keyframe(message: RtmpMessage): void {
    this.#isMultitrack ||= pictureTracks(message) !== trackZero
    const { timestamp } = message
    const start = this.#groupStart ?? timestamp
    const duration = (timestamp - start) | 0
    if (this.#groupStart !== undefined && this.#isMultitrack && Math.abs(duration) <= alignment) {
      this.#keyframes += 1
      return
    }
    // This keyframe has been counted, and belongs to the next group.
    if (duration > 0) this.#gop = { duration, pictures: Math.round((this.#pictures - 1) / this.#keyframes) }
    this.#groupStart = timestamp
    this.#keyframes = this.#pictures = 1
  }
}

function isFar(timestamp: number, last: number | undefined): boolean {
  return last === undefined || Math.abs((timestamp - last) | 0) > maxStep
}
