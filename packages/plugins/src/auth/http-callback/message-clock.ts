import type { RtmpMessage } from '@rtmpipe/session'
import { Transform } from 'readable-stream'

/** Hands on messages and knows the timestamp of the last one. */
export class MessageClock extends Transform {
  #timestamp = 0

  constructor() {
    super({ objectMode: true })
  }

  /** Milliseconds, as the message had it. */
  get timestamp(): number {
    return this.#timestamp
  }

  override _transform(
    message: RtmpMessage,
    _encoding: BufferEncoding,
    done: (error: null, message: RtmpMessage) => void,
  ): void {
    this.#timestamp = message.timestamp
    done(null, message)
  }
}
