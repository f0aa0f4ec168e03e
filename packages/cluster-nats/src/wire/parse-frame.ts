import { MessageType } from '@rtmpipe/chunk-stream'
import { FrameError } from './errors.ts'
import {
  type Frame,
  FrameFlag,
  type FrameHead,
  frameHeaderLength,
  FrameKind,
  type FramedMessage,
  MessageFlag,
  messageHeaderLength,
  type PartFrame,
} from './frame.ts'
import { maxFrameLength, maxMessageLength, maxSnapshotLength } from './limits.ts'

/** Above it, microseconds are no exact number any more: half of 2^53. */
const maxHigh = 0x200000

/**
 * Reads a frame. Payloads are parts of `bytes`, nothing is copied.
 *
 * @throws FrameError, and nothing else, for what is no frame
 */
export function parseFrame(bytes: Buffer): Frame {
  if (bytes.length < frameHeaderLength) throw new FrameError(`a frame of ${bytes.length} bytes has no header`)
  if (bytes.length > maxFrameLength)
    throw new FrameError(`a frame of ${bytes.length} bytes, more than ${maxFrameLength}`)
  const kind = bytes[0]
  const count = bytes.readUInt16LE(2)
  const high = bytes.readUInt32LE(12)
  const total = bytes.readUInt32LE(20)
  if (high >= maxHigh) throw new FrameError('a frame of a time that can not be')
  const head: FrameHead = {
    flags: bytes[1] as number,
    seq: bytes.readUInt32LE(4),
    sentAt: (high * 2 ** 32 + bytes.readUInt32LE(8)) / 1_000,
    headers: bytes.readUInt32LE(16),
  }
  const { flags, seq, sentAt, headers } = head
  if (kind === FrameKind.Media) {
    if (total !== 0) throw new FrameError('a frame of messages with the length of something whole')
    return { kind, flags, seq, sentAt, headers, messages: messagesIn(bytes, frameHeaderLength, count) }
  }
  if (kind === FrameKind.Fragment || kind === FrameKind.Snapshot) return partOf(kind, head, count, total, bytes)
  if (kind !== FrameKind.Tick && kind !== FrameKind.End) throw new FrameError(`a frame of kind ${kind}`)
  if (count !== 0 || total !== 0 || bytes.length !== frameHeaderLength) throw new FrameError('a sign with content')
  return { kind, flags, seq, sentAt, headers }
}

/**
 * The messages of a snapshot that is whole.
 *
 * @throws FrameError for what is none
 */
export function parseSnapshot(bytes: Buffer): FramedMessage[] {
  const messages: FramedMessage[] = []
  for (let at = 0; at < bytes.length; ) {
    const message = messageAt(bytes, at)
    messages.push(message)
    at += messageHeaderLength + message.payload.length
  }
  return messages
}

/**
 * The message of fragments that are whole.
 *
 * @throws FrameError for what is none
 */
export function parseMessage(bytes: Buffer): FramedMessage {
  return messagesIn(bytes, 0, 1)[0] as FramedMessage
}

function partOf(kind: PartFrame['kind'], head: FrameHead, index: number, total: number, frame: Buffer): PartFrame {
  const { flags, seq, sentAt, headers } = head
  const max = kind === FrameKind.Fragment ? messageHeaderLength + maxMessageLength : maxSnapshotLength
  if (total > max) throw new FrameError(`something whole of ${total} bytes, more than ${max}`)
  const length = frame.length - frameHeaderLength
  const isLast = (flags & FrameFlag.Last) !== 0
  // Only a snapshot may be empty, of a stream that has only just begun.
  const isEmpty = length === 0 && !(kind === FrameKind.Snapshot && total === 0 && index === 0 && isLast)
  if (isEmpty || length > total || (!isLast && length === total) || (isLast && index === 0 && length !== total)) {
    throw new FrameError(`part ${index} of ${length} bytes of ${total} can not be`)
  }
  return { kind, flags, seq, sentAt, headers, index, isLast, total, bytes: frame.subarray(frameHeaderLength) }
}

/** So many messages from there to the end, exactly. */
function messagesIn(bytes: Buffer, start: number, count: number): FramedMessage[] {
  if (count === 0 || count * messageHeaderLength > bytes.length - start) {
    throw new FrameError(`${count} messages in ${bytes.length - start} bytes`)
  }
  const messages: FramedMessage[] = []
  let at = start
  for (let left = count; left > 0; left -= 1) {
    const message = messageAt(bytes, at)
    messages.push(message)
    at += messageHeaderLength + message.payload.length
  }
  if (at !== bytes.length) throw new FrameError(`${bytes.length - at} bytes after the last message`)
  return messages
}

function messageAt(bytes: Buffer, at: number): FramedMessage {
  const start = at + messageHeaderLength
  if (start > bytes.length) throw new FrameError('a message is cut off')
  const messageTypeId = bytes[at] as number
  if (
    messageTypeId !== MessageType.Audio &&
    messageTypeId !== MessageType.Video &&
    messageTypeId !== MessageType.DataAmf0
  ) {
    throw new FrameError(`message type ${messageTypeId} has no place in a stream`)
  }
  const flags = bytes[at + 1] as number
  const length = bytes.readUInt32LE(at + 8)
  if (length > maxMessageLength || length > bytes.length - start) {
    throw new FrameError(`a message of ${length} bytes, of which there are ${bytes.length - start}`)
  }
  const timestamp = bytes.readUInt32LE(at + 4)
  const payload = bytes.subarray(start, start + length)
  if ((flags & MessageFlag.Discontinuity) === 0) return { messageTypeId, messageStreamId: 0, timestamp, payload, flags }
  return { messageTypeId, messageStreamId: 0, timestamp, payload, flags, discontinuity: true }
}
