import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-connection.ts'

const defaultMaxQueuedBytes = 128 * 1024

/**
 * True while messages may be sent without waiting. A peer that is gone always has room: its connection ignores what is
 * sent.
 *
 * @param maxQueuedBytes that may wait for the peer; default 128 KiB
 */
export function hasRoom(output: MessageOutput, maxQueuedBytes: number = defaultMaxQueuedBytes): boolean {
  return output.queuedBytes <= maxQueuedBytes || !output.writable
}

/** Sends a message and calls `done` when the connection may be given the next one, or is gone. */
export function sendPaced(output: MessageOutput, message: RtmpMessage, done: () => void): void {
  if (hasRoom(output)) {
    output.send(message)
    done()
  } else output.write(message, () => done())
}
