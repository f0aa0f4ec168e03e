import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-connection.ts'

const defaultMaxQueuedBytes = 128 * 1024
/** What of live media may wait in a connection that gives up what is late. */
export const maxGivenUpBytes: number = 4 * 1024 * 1024

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
  } else sendAndWait(output, message, () => done())
}

/** The same for what must not be given up, whatever it comes by. */
export function sendKept(output: MessageOutput, message: RtmpMessage, done: () => void): void {
  if (output.whenRoom !== undefined) output.write(message, () => done())
  else sendPaced(output, message, done)
}

/** Sends a message and calls `taken` when there is room for the next one. */
export function sendAndWait(output: MessageOutput, message: RtmpMessage, taken: () => void): void {
  if (output.whenRoom === undefined) return void output.write(message, taken)
  // Written, it would be kept however late it is.
  output.send(message)
  output.whenRoom(taken)
}
