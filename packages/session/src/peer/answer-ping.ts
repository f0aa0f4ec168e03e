import { userControl } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'

const maxQueuedForAnswers = 64 * 1024

/** Answers a PingRequest with its own timestamp. Who does not read the answers gets no more of them. */
export function answerPing(messages: MessageConnection, timestamp: number): void {
  if (messages.queuedBytes <= maxQueuedForAnswers) messages.send(userControl({ type: 'PingResponse', timestamp }))
}
