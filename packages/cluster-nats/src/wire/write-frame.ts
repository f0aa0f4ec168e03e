import {
  FrameFlag,
  type FrameHead,
  frameHeaderLength,
  FrameKind,
  type FramedMessage,
  messageHeaderLength,
  type PartFrame,
  type SignFrame,
} from './frame.ts'
import { maxFrameLength } from './limits.ts'

/** Gives memory for the next frame, which is sent before another one is written. Default: of its own. */
export type Reserve = (length: number) => Buffer

/** Bytes of a message in a frame. */
export function framedLength({ payload }: FramedMessage): number {
  return messageHeaderLength + payload.length
}

/** Whether it has to go in fragments, for which there is {@link partFrames}. */
export function needsFragments(message: FramedMessage): boolean {
  return frameHeaderLength + framedLength(message) > maxFrameLength
}

/**
 * @param messages one at least, which fit into a frame together
 * @param bytes memory for it, exactly as long as it is: the header and {@link framedLength} of each. Default: of its own
 */
export function mediaFrame(
  head: FrameHead,
  messages: readonly FramedMessage[],
  bytes: Buffer = Buffer.allocUnsafe(messages.reduce((sum, message) => sum + framedLength(message), frameHeaderLength)),
): Buffer {
  writeHead(bytes, FrameKind.Media, head, messages.length, 0)
  writeMessages(bytes, frameHeaderLength, messages)
  return bytes
}

/** @param bytes memory for it, as long as the header. Default: of its own */
export function signFrame(
  kind: SignFrame['kind'],
  head: FrameHead,
  bytes: Buffer = Buffer.allocUnsafe(frameHeaderLength),
): Buffer {
  writeHead(bytes, kind, head, 0, 0)
  return bytes
}

/** The parts of a snapshot, or of a message that is too long for a frame: each is written when it is asked for. */
export function* partFrames(
  kind: PartFrame['kind'],
  head: FrameHead,
  messages: readonly FramedMessage[],
  reserve: Reserve = Buffer.allocUnsafe,
): Generator<Buffer, void, undefined> {
  let left = 0
  for (const message of messages) left += framedLength(message)
  const total = left
  let index = 0
  const begin = (): Buffer => {
    const length = Math.min(maxFrameLength - frameHeaderLength, left)
    const frame = reserve(frameHeaderLength + length)
    left -= length
    writeHead(frame, kind, left === 0 ? { ...head, flags: head.flags | FrameFlag.Last } : head, index, total)
    index += 1
    return frame
  }
  let frame = begin()
  let used = frameHeaderLength
  for (const message of messages) {
    const header = Buffer.allocUnsafe(messageHeaderLength)
    writeMessageHeader(header, 0, message)
    for (const bytes of [header, message.payload]) {
      for (let from = 0; from < bytes.length; ) {
        if (used === frame.length) {
          yield frame
          frame = begin()
          used = frameHeaderLength
        }
        const length = Math.min(bytes.length - from, frame.length - used)
        bytes.copy(frame, used, from, from + length)
        used += length
        from += length
      }
    }
  }
  yield frame
}

function writeHead(bytes: Buffer, kind: FrameKind, head: FrameHead, count: number, total: number): void {
  const sentAt = Math.floor(head.sentAt * 1_000)
  bytes[0] = kind
  bytes[1] = head.flags
  bytes.writeUInt16LE(count, 2)
  bytes.writeUInt32LE(head.seq, 4)
  bytes.writeUInt32LE(sentAt % 2 ** 32, 8)
  bytes.writeUInt32LE(Math.floor(sentAt / 2 ** 32), 12)
  bytes.writeUInt32LE(head.headers, 16)
  bytes.writeUInt32LE(total, 20)
}

function writeMessages(bytes: Buffer, start: number, messages: readonly FramedMessage[]): void {
  let at = start
  for (const message of messages) {
    writeMessageHeader(bytes, at, message)
    bytes.set(message.payload, at + messageHeaderLength)
    at += messageHeaderLength + message.payload.length
  }
}

function writeMessageHeader(
  bytes: Buffer,
  at: number,
  { messageTypeId, flags, timestamp, payload }: FramedMessage,
): void {
  bytes[at] = messageTypeId
  bytes[at + 1] = flags
  bytes[at + 2] = bytes[at + 3] = 0
  bytes.writeUInt32LE(timestamp, at + 4)
  bytes.writeUInt32LE(payload.length, at + 8)
}
