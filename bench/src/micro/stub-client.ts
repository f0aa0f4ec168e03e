import { Duplex } from 'node:stream'
import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '@rtmpipe/session'

/** Our server announces this to every client. */
const chunkSize = 60_000

/** A message connection whose peer takes everything at no cost; what is left is the session's. */
export class StubClient extends Duplex implements MessageConnection {
  readonly queuedBytes = 0
  readonly bytesReceived = 0
  bytesSent = 0
  /** Told of everything that is sent to this client alone. */
  onSend: (message: RtmpMessage) => void = () => {}

  constructor() {
    super({ objectMode: true })
  }

  /** What the client sends. */
  say(...messages: readonly RtmpMessage[]): void {
    for (const message of messages) this.push(message)
  }

  /** The client closes. */
  leave(): void {
    this.push(null)
  }

  send(message: RtmpMessage): void {
    this.onSend(message)
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    this.bytesSent += batch.encode(chunkSize, messageStreamId).length
  }

  override _read(): void {}

  override _write(message: RtmpMessage, _encoding: string, done: () => void): void {
    this.send(message)
    done()
  }
}
