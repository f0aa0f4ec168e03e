import { type ChunkFormat, extendedTimestampMark, messageHeaderLength } from './chunk-header.ts'
import { UsageError } from './errors.ts'
import type { RtmpMessage } from './message.ts'

/**
 * Bytes a message takes on the wire. We use an extended timestamp with format 0 only: some readers take it for absolute
 * in every format, so a delta that would need one is not sent.
 *
 * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes of payload
 */
export function chunkedLength(message: RtmpMessage, format: ChunkFormat, chunkSize: number): number {
  const { length } = message.payload
  if (length > 0xffffff) {
    throw new UsageError('RTMP_ERR_MESSAGE_TOO_LONG', `message length ${length} does not fit in 24 bits`)
  }
  const extended = isExtended(message, format) ? 4 : 0
  const continuations = length > chunkSize ? Math.ceil(length / chunkSize) - 1 : 0
  return 1 + messageHeaderLength[format] + extended + length + continuations * (1 + extended)
}

/**
 * Writes a message as chunks and returns where it ends; {@link chunkedLength} bytes must be free at `offset`.
 *
 * @param messageStreamId to whom it goes, whatever the message says: one message goes to many
 * @param chunkStreamId one of ours: below 64, so that the basic header is one byte
 * @param delta for formats 1 and 2; less than 0xffffff
 */
export function writeChunks(
  target: Buffer,
  offset: number,
  message: RtmpMessage,
  messageStreamId: number,
  chunkStreamId: number,
  format: ChunkFormat,
  delta: number,
  chunkSize: number,
): number {
  const { payload } = message
  offset = writeHeader(target, offset, message, messageStreamId, chunkStreamId, format, delta)
  for (let start = 0; ; ) {
    const end = Math.min(start + chunkSize, payload.length)
    offset += payload.copy(target, offset, start, end)
    if (end === payload.length) return offset
    start = end
    offset = writeContinuation(target, offset, message, chunkStreamId, format)
  }
}

/** Writes the header of a message's first chunk (RTMP 1.0 §5.3.1) and returns where it ends. */
export function writeHeader(
  target: Buffer,
  offset: number,
  message: RtmpMessage,
  messageStreamId: number,
  chunkStreamId: number,
  format: ChunkFormat,
  delta: number,
): number {
  const timestamp = message.timestamp >>> 0
  const extended = isExtended(message, format)
  target[offset++] = (format << 6) | chunkStreamId
  if (format < 3) {
    offset = target.writeUIntBE(extended ? extendedTimestampMark : format === 0 ? timestamp : delta, offset, 3)
  }
  if (format < 2) {
    offset = target.writeUIntBE(message.payload.length, offset, 3)
    target[offset++] = message.messageTypeId
  }
  if (format === 0) offset = target.writeUInt32LE(messageStreamId >>> 0, offset)
  return extended ? target.writeUInt32BE(timestamp, offset) : offset
}

/** Writes the header of a message's further chunks and returns where it ends. */
export function writeContinuation(
  target: Buffer,
  offset: number,
  message: RtmpMessage,
  chunkStreamId: number,
  format: ChunkFormat,
): number {
  target[offset++] = 0xc0 | chunkStreamId
  // The same value again, not adjusted (RTMP 1.0 §5.3.1.3).
  return isExtended(message, format) ? target.writeUInt32BE(message.timestamp >>> 0, offset) : offset
}

function isExtended(message: RtmpMessage, format: ChunkFormat): boolean {
  return format === 0 && message.timestamp >>> 0 >= extendedTimestampMark
}
