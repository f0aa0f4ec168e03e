import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-connection.ts'
import { asAmf3, hasAmf3Form } from '../protocol/amf3-messages.ts'

/** Everything that is sent, in the form of {@link asAmf3}. Batches without data are shared with all others. */
export class Amf3Output implements MessageOutput {
  readonly #output: MessageOutput

  constructor(output: MessageOutput) {
    this.#output = output
  }

  get queuedBytes(): number {
    return this.#output.queuedBytes
  }

  get interleaves(): boolean {
    return this.#output.interleaves === true
  }

  get givesUp(): boolean {
    return this.#output.givesUp === true
  }

  get writable(): boolean {
    return this.#output.writable
  }

  send(message: RtmpMessage): void {
    this.#output.send(asAmf3(message))
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    if (batch.lentMessages.some(hasAmf3Form)) {
      for (const message of batch.messages) this.send({ ...message, messageStreamId })
    } else this.#output.sendBatch(batch, messageStreamId)
  }

  write(message: RtmpMessage, taken: (error?: Error | null) => void): boolean {
    return this.#output.write(asAmf3(message), taken)
  }
}
