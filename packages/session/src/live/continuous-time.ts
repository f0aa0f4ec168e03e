import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isCodedVideo, MediaRole, mediaRole } from './media-role.ts'

/** Between the last message before a break and the first after it, in milliseconds of the stream's time. */
const gap = 40

/**
 * Lets the time of a stream go on when its publisher or its source has begun again, wherever its own time begins. Where it
 * begins is told by the first frame of it: some send metadata and headers with time 0 before that.
 */
export class ContinuousTime {
  /** Undefined between a break and the first frame after it. */
  #offset: number | undefined = 0
  #last: number | undefined
  #resumesAt = 0
  #isBroken = false

  /** What comes from here on is of another beginning. */
  break(): void {
    if (this.#last === undefined) return
    this.#offset = undefined
    this.#resumesAt = this.#last + gap
    this.#isBroken = true
  }

  /** What comes from here on has nothing to go on from. */
  forget(): void {
    this.#offset = 0
    this.#last = undefined
    this.#isBroken = false
  }

  /** The message with its time here; the first after a break is marked. */
  stamp(message: RtmpMessage, role: MediaRole = mediaRole(message)): RtmpMessage {
    if (this.#offset === undefined && isFrame(role)) this.#offset = this.#resumesAt - message.timestamp
    const timestamp = (this.#offset === undefined ? this.#resumesAt : message.timestamp + this.#offset) >>> 0
    if (this.#last === undefined || ((timestamp - this.#last) | 0) > 0) this.#last = timestamp
    if (this.#isBroken) {
      this.#isBroken = false
      return { ...message, timestamp, discontinuity: true }
    }
    return timestamp === message.timestamp ? message : { ...message, timestamp }
  }
}

function isFrame(role: MediaRole): boolean {
  return role === MediaRole.Audio || isCodedVideo(role)
}
