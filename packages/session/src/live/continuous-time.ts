import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from '@rtmpipe/flv'

/** Milliseconds of stream time between the last frame before a break and the first frame after it. */
const gap = 40

/** Makes the time of a stream go on when its publisher or source begins again, wherever the new timestamps begin. */
export class ContinuousTime {
  /** Undefined after a break, until the first frame determines it. */
  #offset: number | undefined = 0
  /** The latest time of a frame so far. */
  #last: number | undefined
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
    this.#last = undefined
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
    this.#offset ??= this.#next - message.timestamp
    const timestamp = (message.timestamp + this.#offset) >>> 0
    if (this.#last === undefined || ((timestamp - this.#last) | 0) > 0) this.#last = timestamp
    return timestamp
  }

  /**
   * Metadata and headers do not determine the time: many publishers send them at 0, whatever the time of their frames.
   */
  #timeOfOther({ timestamp }: RtmpMessage): number {
    return this.#offset === undefined ? this.#next : (timestamp + this.#offset) >>> 0
  }

  get #next(): number {
    return ((this.#last ?? 0) + gap) >>> 0
  }
}
