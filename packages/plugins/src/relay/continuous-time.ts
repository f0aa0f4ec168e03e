import type { RtmpMessage } from '@rtmpipe/session'

/** Between the last message before a break and the first after it, in milliseconds of the stream's time. */
const gap = 40

/** Lets the time of a stream go on when its source has begun again, wherever its time begins. */
export class ContinuousTime {
  #offset: number | undefined = 0
  #last: number | undefined

  /** What comes from here on is of another beginning. */
  break(): void {
    if (this.#last !== undefined) this.#offset = undefined
  }

  /** The message with its time here; the first after a break is marked. */
  stamp(message: RtmpMessage): RtmpMessage {
    const isFirst = this.#offset === undefined
    this.#offset ??= (this.#last ?? 0) + gap - message.timestamp
    const timestamp = (message.timestamp + this.#offset) >>> 0
    if (this.#last === undefined || ((timestamp - this.#last) | 0) > 0) this.#last = timestamp
    return isFirst ? { ...message, timestamp, discontinuity: true } : { ...message, timestamp }
  }
}
