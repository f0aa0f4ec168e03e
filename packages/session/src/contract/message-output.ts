import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'

/** Where messages to a peer go: its message connection, or what stands before it. */
export interface MessageOutput {
  /** Sends without waiting, as `MessageConnection.send` does. */
  send(message: RtmpMessage): void
  sendBatch(batch: MessageBatch, messageStreamId: number): void
  /** @param taken called when there is room for the next message */
  write(message: RtmpMessage, taken: (error?: Error | null) => void): boolean
  readonly queuedBytes: number
  /** True while a long message is on its way in pieces: audio that is sent meanwhile goes in between. */
  readonly interleaves?: boolean
  /** False once it has ended. */
  readonly writable: boolean
}
