import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from '@rtmpipe/flv'

/** Milliseconds of stream time between the last frame before a break and the first frame after it. */
const gap = 40
/** Milliseconds by which audio may be sent ahead of video, or video ahead of audio, without a step of the clock. */
const interleaving = 1_000

/**
 * Makes the time of a stream go on when its publisher or source begins again, wherever the new timestamps begin: after
 * what was sent last, be it earlier than what was sent before.
 */
export class ContinuousTime {
  /** Undefined after a break, until the first frame determines it. */
  #offset: number | undefined = 0
  /** Time of the frame that was sent last. */
  #last: number | undefined
  /** Message type of that frame. */
  #lastType: number | undefined
  /** Time of the last frame of the other kind, of audio and video. */
  #other: number | undefined
  /** Time of the first frame after the last break: what comes after it is not earlier. */
  #start: number | undefined
  #isBroken = false

  /** A break: the messages from here on have timestamps of another beginning. */
  break(): void {
    if (this.#last === undefined) return
    this.#offset = undefined
    this.#isBroken = true
  }

  /** Starts anew: no consumer is left for whom time would have to go on. */
  forget(): void {
    this.#offset = 0
    this.#last = this.#lastType = this.#other = this.#start = undefined
    this.#isBroken = false
  }

  /** The message with its time here; the first after a break is marked. */
  stamp(message: RtmpMessage): RtmpMessage {
    const timestamp = isFrame(message) ? this.#timeOfFrame(message) : this.#timeOfOther(message)
    if (this.#isBroken) {
      this.#isBroken = false
      return { ...message, timestamp, discontinuity: true }
    }
    return timestamp === message.timestamp ? message : { ...message, timestamp }
  }

  #timeOfFrame(message: RtmpMessage): number {
    if (this.#offset === undefined) {
      this.#start = this.#next
      this.#offset = this.#start - message.timestamp
    }
    const timestamp = (message.timestamp + this.#offset) >>> 0
    if (message.messageTypeId !== this.#lastType) {
      this.#other = this.#last
      this.#lastType = message.messageTypeId
    }
    this.#last = timestamp
    return timestamp
  }

  /**
   * Metadata and headers do not determine the time: many publishers send them at 0, whatever the time of their frames.
   */
  #timeOfOther(message: RtmpMessage): number {
    if (this.#offset === undefined) return this.#next
    const timestamp = (message.timestamp + this.#offset) >>> 0
    return this.#start !== undefined && ((timestamp - this.#start) | 0) < 0 ? this.#start : timestamp
  }

  get #next(): number {
    const last = this.#last ?? 0
    const ahead = this.#other === undefined ? 0 : (this.#other - last) | 0
    return (last + (ahead > 0 && ahead <= interleaving ? ahead : 0) + gap) >>> 0
  }
}
