import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from '@rtmpipe/flv'

/** Between the last frame before a break and the first after it, in milliseconds of the stream's time. */
const gap = 40

/** Lets the time of a stream go on when its publisher or its source has begun again, wherever its own time begins. */
export class ContinuousTime {
  /** Undefined until the first frame after a break tells it. */
  #offset: number | undefined = 0
  /** Of the frames so far. */
  #last: number | undefined
  #isBroken = false

  /** What comes from here on is of another beginning. */
  break(): void {
    if (this.#last === undefined) return
    this.#offset = undefined
    this.#isBroken = true
  }

  /** Nobody is there to whom time could go on. */
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

  /** Many begin with metadata and headers at 0, whatever the time of their frames: those tell nothing of it. */
  #timeOfOther({ timestamp }: RtmpMessage): number {
    return this.#offset === undefined ? this.#next : (timestamp + this.#offset) >>> 0
  }

  get #next(): number {
    return ((this.#last ?? 0) + gap) >>> 0
  }
}
