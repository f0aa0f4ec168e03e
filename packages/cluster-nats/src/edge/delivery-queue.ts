import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { LagQueue } from '@rtmpipe/session'
import { maxAge, maxUnreadBytes, maxUnreadTime } from './limits.ts'

/** What has come and is not read yet. Who reads too slowly loses pictures up to a keyframe, and old sound if need be. */
export class DeliveryQueue {
  readonly #limits = { maxBytes: maxUnreadBytes, maxDuration: maxUnreadTime }
  readonly #queue = new LagQueue(this.#limits)

  get length(): number {
    return this.#queue.length
  }

  /** True when the next message would come out at once, and as it went in. */
  get isClear(): boolean {
    return this.#queue.isClear
  }

  /** Of payload, with what each message costs. */
  get bytes(): number {
    return this.#queue.bytes
  }

  /** @param arrival when it came, and by so much earlier as it was late; milliseconds */
  put(message: RtmpMessage, arrival: number): void {
    // One message alone may be longer than all the rest may be.
    const { length } = message.payload
    if (length > maxUnreadBytes / 4) this.#limits.maxBytes = Math.max(this.#limits.maxBytes, maxUnreadBytes + length)
    this.#queue.push(message, arrival)
  }

  /** Messages are missing: sound goes on, marked; pictures go on at a keyframe. */
  hole(): void {
    this.#queue.waitForKeyframe()
    this.#queue.markNext()
  }

  /** A snapshot comes next. @param isAgain not as the first: it takes the place of what waits, and the hole shows */
  restart(isAgain: boolean): void {
    this.#queue.clear()
    this.#queue.waitForKeyframe()
    if (isAgain) this.#queue.markNext()
  }

  /** What has been put in is a snapshot, and may stay beyond the limits until it has been read. */
  allow(): void {
    this.#limits.maxBytes = maxUnreadBytes + this.#queue.bytes
  }

  /** Drops what is too much. @returns false when that was not enough: who reads so slowly can't follow */
  relieve(): boolean {
    const queue = this.#queue
    // Of a queue that has hardly grown there is nothing more to drop.
    if (!queue.isOverLimit || !queue.hasGrown) return true
    const { maxBytes } = this.#limits
    queue.dropDisposable()
    if (queue.isOverLimit) queue.dropVideoToKeyframe()
    if (queue.bytes > maxBytes) queue.dropOldAudio()
    return queue.bytes <= 2 * maxBytes
  }

  /** True when what comes next is too old to be handed on. */
  isLate(now: number): boolean {
    const { oldest } = this.#queue
    return oldest !== undefined && now - oldest > maxAge
  }

  /** @returns the next message, if there is one */
  take(): RtmpMessage | undefined {
    const message = this.#queue.shift()
    if (this.#queue.length === 0) this.#limits.maxBytes = maxUnreadBytes
    return message
  }

  clear(): void {
    this.#queue.clear()
  }
}
