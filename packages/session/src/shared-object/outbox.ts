import { acknowledgement, type MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'

/** The way to one client, which holds no more than a limit however many shared objects want to send. */
export class Outbox {
  readonly #messages: MessageConnection
  readonly #maxQueuedBytes: number
  #waiting: Promise<void> | undefined

  constructor(messages: MessageConnection, maxQueuedBytes: number) {
    this.#messages = messages
    this.#maxQueuedBytes = maxQueuedBytes
  }

  /** True while messages may be sent. To one that is gone they may: it does nothing with them. */
  get hasRoom(): boolean {
    return this.#messages.queuedBytes <= this.#maxQueuedBytes || !this.#messages.writable
  }

  send(message: RtmpMessage): void {
    this.#messages.send(message)
  }

  sendBatch(batch: MessageBatch): void {
    this.#messages.sendBatch(batch, 0)
  }

  /** Resolves when there is room, or the client is gone. */
  async room(): Promise<void> {
    while (!this.hasRoom) await (this.#waiting ??= this.#wait())
  }

  /** A write says when there is room again, and what is written has to be something: an acknowledgement is always true. */
  #wait(): Promise<void> {
    return new Promise(resolve => {
      this.#messages.write(acknowledgement(this.#messages.bytesReceived), () => {
        this.#waiting = undefined
        resolve()
      })
    })
  }
}
