import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-output.ts'

/** Up to here a connection is given messages without waiting. Bytes. */
const maxQueuedBytes = 128 * 1024

/** True while messages may be sent without waiting. To one that is gone they may: it does nothing with them. */
export function hasRoom(messages: MessageOutput): boolean {
  return messages.queuedBytes <= maxQueuedBytes || !messages.writable
}

/** Sends a message and calls `done` when the connection may be given the next one, or is gone. */
export function sendPaced(messages: MessageOutput, message: RtmpMessage, done: () => void): void {
  if (hasRoom(messages)) {
    messages.send(message)
    done()
  } else messages.write(message, () => done())
}
