import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Readable } from 'node:stream'

/** A source of messages that come when the test says so. */
export class Tape extends Readable {
  constructor() {
    super({ objectMode: true, read() {} })
  }

  /** null is the end. */
  play(...messages: (RtmpMessage | null)[]): this {
    for (const message of messages) this.push(message)
    return this
  }
}
