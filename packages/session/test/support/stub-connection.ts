import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../../src/contract/message-connection.ts'

/** A connection whose peer takes what the test lets it take. */
export class StubConnection {
  /** Messages in the order they were sent; batches are marked. */
  readonly sent: (RtmpMessage | { batch: MessageBatch; messageStreamId: number })[] = []
  queuedBytes = 0
  writable = true
  interleaves = false
  readonly #taken: ((error?: Error) => void)[] = []

  get connection(): MessageConnection {
    return this as unknown as MessageConnection
  }

  get timestamps(): number[] {
    return this.sent.flatMap(one => ('batch' in one ? one.batch.messages : [one])).map(({ timestamp }) => timestamp)
  }

  get batches(): number {
    return this.sent.filter(one => 'batch' in one).length
  }

  send(message: RtmpMessage): void {
    this.sent.push(message)
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    this.sent.push({ batch, messageStreamId })
  }

  write(message: RtmpMessage, taken: (error?: Error) => void): boolean {
    this.sent.push(message)
    this.#taken.push(taken)
    return false
  }

  /** The peer stops reading, or has room again. */
  full(isFull: boolean): void {
    this.queuedBytes = isFull ? 1024 * 1024 : 0
  }

  /** The peer takes what was written. */
  drain(error?: Error): void {
    for (const taken of this.#taken.splice(0)) taken(error)
  }

  get waiting(): number {
    return this.#taken.length
  }
}
