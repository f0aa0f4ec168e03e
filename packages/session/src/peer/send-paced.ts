import { acknowledgement, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-connection.ts'

const defaultMaxQueuedBytes = 128 * 1024
/** What waits for a peer whose connection gives up what is late: it knows best what that is. */
const maxGivenUpBytes = 4 * 1024 * 1024

/**
 * True while messages may be sent without waiting. A peer that is gone always has room: its connection ignores what is
 * sent.
 *
 * @param maxQueuedBytes that may wait for the peer; default 128 KiB
 */
export function hasRoom(output: MessageOutput, maxQueuedBytes: number = defaultMaxQueuedBytes): boolean {
  return output.queuedBytes <= maxQueuedBytes || !output.writable
}

/** The same for live media, which waits where it is given up when it is late. */
export function hasRoomForLive(output: MessageOutput): boolean {
  return hasRoom(output, output.givesUp === true ? maxGivenUpBytes : undefined)
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
  if (output.givesUp === true) output.write(message, () => done())
  else sendPaced(output, message, done)
}

/** Sends a message and calls `taken` when there is room for the next one. */
export function sendAndWait(output: MessageOutput, message: RtmpMessage, taken: () => void): void {
  if (output.givesUp !== true) return void output.write(message, taken)
  output.send(message)
  // Written, it would be kept however late it is. An acknowledgement is not sent there, and waits for room.
  output.write(acknowledgement(0), taken)
}
