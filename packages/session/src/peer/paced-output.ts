import { acknowledgement, type MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'
import { hasRoom } from './send-paced.ts'

/** The output to one peer that many senders share: no more than a limit of bytes waits for the peer. */
export class PacedOutput {
  readonly #messages: MessageConnection
  readonly #maxQueuedBytes: number
  #waiting: Promise<void> | undefined

  constructor(messages: MessageConnection, maxQueuedBytes: number) {
    this.#messages = messages
    this.#maxQueuedBytes = maxQueuedBytes
  }

  /** True while messages may be sent. */
  get hasRoom(): boolean {
    return hasRoom(this.#messages, this.#maxQueuedBytes)
  }

  send(message: RtmpMessage): void {
    this.#messages.send(message)
  }

  sendBatch(batch: MessageBatch): void {
    this.#messages.sendBatch(batch, 0)
  }

  /** Resolves when there is room, or the peer is gone. */
  async room(): Promise<void> {
    while (!this.hasRoom) await (this.#waiting ??= this.#wait())
  }

  /**
   * Of most connections only a write tells when there is room again, so an Acknowledgement is written, which is always correct
   * to send.
   */
  #wait(): Promise<void> {
    return new Promise(resolve => {
      const taken = () => {
        this.#waiting = undefined
        resolve()
      }
      if (this.#messages.whenRoom === undefined) {
        this.#messages.write(acknowledgement(this.#messages.bytesReceived), taken)
      } else this.#messages.whenRoom(taken)
    })
  }
}
