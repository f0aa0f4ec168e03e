import { encodeAmf0 } from '@rtmpipe/amf'
import { TagType } from '@rtmpipe/flv'
import type { RtmpMessage, Subscription } from '@rtmpipe/session'

/** Counts what is missing in a recording because the disk was slower than the stream. */
export class Gaps {
  readonly #subscription: Pick<Subscription, 'dropped'>
  #marked = 0
  #before = 0

  constructor(subscription: Pick<Subscription, 'dropped'>) {
    this.#subscription = subscription
  }

  /** A data message that says how many messages are missing since the last one; undefined if none are. */
  mark(): RtmpMessage | undefined {
    const messages = this.#subscription.dropped - this.#marked
    if (messages === 0) return undefined
    this.#marked += messages
    const payload = Buffer.from(encodeAmf0('onRecordGap', { messages }))
    return { messageTypeId: TagType.Script, messageStreamId: 0, timestamp: 0, payload }
  }

  /** Messages that are missing in the file that has ended. */
  take(): number {
    const { dropped } = this.#subscription
    const messages = dropped - this.#before
    this.#before = dropped
    return messages
  }
}
