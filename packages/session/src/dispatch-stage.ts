import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Writable } from 'readable-stream'

/** Whoever acts on messages: the NetConnection of a server or of a client. */
export interface MessageHandler {
  /** A promise asks to wait before the next message. */
  handle(message: RtmpMessage): void | Promise<void>
}

/** The last stage of a connection's incoming path: one message at a time, in order, to its handler. */
export class DispatchStage extends Writable {
  readonly #handler: MessageHandler

  constructor(handler: MessageHandler) {
    super({ objectMode: true })
    this.#handler = handler
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const waits = this.#handler.handle(message)
      if (waits === undefined) done()
      else waits.then(() => done(), done)
    } catch (error) {
      done(error as Error)
    }
  }
}
