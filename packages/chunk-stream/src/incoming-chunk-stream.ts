import { extendedTimestampMark, messageHeaderLength } from './chunk-header.ts'
import { ProtocolError } from './errors.ts'
import { releasePayload } from './payload-holds.ts'
import type { PayloadMemory } from './payload-memory.ts'

/**
 * Messages up to this length are allocated at once; buffers of longer ones grow eightfold, so that memory follows the
 * received bytes.
 */
const allocatedAtOnce = 256 * 1024
const growth = 8

/** Returned by {@link IncomingChunkStream.readHeader} when the header goes on beyond the bytes at hand. */
export const incompleteHeader = -1

/** The state of one incoming chunk stream: the fields of the last header, and the message that is put together. */
export class IncomingChunkStream {
  readonly chunkStreamId: number
  timestamp = 0
  messageLength = 0
  messageTypeId = 0
  messageStreamId = 0
  /**
   * Received bytes of the message in progress; 0 between messages, since every chunk has at least one byte of payload.
   */
  received = 0
  #partial: Buffer | undefined = undefined
  /**
   * The last header's timestamp field: a delta, or after format 0 the timestamp itself. Format 3 adds either (RTMP 1.0
   * §5.3.1.2.4).
   */
  #timestampDelta = 0
  #hasExtendedTimestamp = false

  constructor(chunkStreamId: number) {
    this.chunkStreamId = chunkStreamId
  }

  /**
   * Reads a chunk message header (RTMP 1.0 §5.3.1.2) at `offset` and returns where it ends, or returns
   * {@link incompleteHeader} and changes nothing. Inside a message a header must fit the message, and what later
   * messages inherit stays as its first header said.
   *
   * @throws ProtocolError `RTMP_ERR_CHUNK_HEADER` for a header of another message inside a message
   */
  readHeader(format: number, bytes: Buffer, offset: number, end: number): number {
    if (format === 3) return this.received > 0 ? this.#continue(bytes, offset, end) : this.#repeat(bytes, offset, end)

    let headerEnd = offset + (messageHeaderLength[format] as number)
    if (headerEnd > end) return incompleteHeader
    let field = readUint24(bytes, offset)
    const extended = field === extendedTimestampMark
    if (extended) {
      if (headerEnd + 4 > end) return incompleteHeader
      field = bytes.readUInt32BE(headerEnd)
      headerEnd += 4
    }
    const length = format === 2 ? this.messageLength : readUint24(bytes, offset + 3)
    const type = format === 2 ? this.messageTypeId : (bytes[offset + 6] as number)
    const messageStreamId = format === 0 ? bytes.readUInt32LE(offset + 7) : this.messageStreamId

    if (this.received > 0) {
      const same =
        length === this.messageLength &&
        type === this.messageTypeId &&
        messageStreamId === this.messageStreamId &&
        this.#isTimeOfMessage(field)
      if (!same) throw this.#error(`format ${format} header of another message inside a message`)
      return headerEnd
    }
    this.messageLength = length
    this.messageTypeId = type
    this.messageStreamId = messageStreamId
    this.timestamp = format === 0 ? field : (this.timestamp + field) >>> 0
    this.#timestampDelta = field
    this.#hasExtendedTimestamp = extended
    return headerEnd
  }

  /**
   * Whether the timestamp field of a chunk inside a message belongs to it. Chunks after the first SHOULD be of format 3
   * (RTMP 1.0 §5.3.1.2.4). Of writers that send a longer header again, some say that no time has passed, some repeat the
   * first field, and some give the message's timestamp.
   */
  #isTimeOfMessage(field: number): boolean {
    return field === 0 || field === this.#timestampDelta || field === this.timestamp
  }

  /** Format 3 that starts a message. */
  #repeat(bytes: Buffer, offset: number, end: number): number {
    if (this.#hasExtendedTimestamp) {
      if (offset + 4 > end) return incompleteHeader
      this.#timestampDelta = bytes.readUInt32BE(offset)
      offset += 4
    }
    this.timestamp = (this.timestamp + this.#timestampDelta) >>> 0
    return offset
  }

  /**
   * Format 3 inside a message. Not every writer repeats the extended timestamp there, so four bytes count as one only
   * if they equal the last one. As soon as a byte differs, they are payload: the reader does not wait for more.
   */
  #continue(bytes: Buffer, offset: number, end: number): number {
    if (!this.#hasExtendedTimestamp) return offset
    for (let i = 0; i < 4; i++) {
      if (offset + i >= end) return incompleteHeader
      if (bytes[offset + i] !== ((this.#timestampDelta >>> (24 - 8 * i)) & 0xff)) return offset
    }
    return offset + 4
  }

  /** How many bytes to allocate before `count` more can be appended. */
  shortage(count: number): number {
    const allocated = this.allocated
    const wanted = this.received + count
    if (wanted <= allocated) return 0
    return Math.min(this.messageLength, Math.max(allocatedAtOnce, wanted * growth)) - allocated
  }

  /** Bytes allocated for the message in progress. */
  get allocated(): number {
    return this.#partial === undefined ? 0 : this.#partial.length
  }

  /** Takes that many bytes more. */
  grow(shortage: number, memory: PayloadMemory): void {
    const grown = memory.allocate(this.messageTypeId, this.allocated + shortage)
    if (this.#partial !== undefined) {
      this.#partial.copy(grown, 0, 0, this.received)
      releasePayload(this.#partial)
    }
    this.#partial = grown
  }

  /** Copies payload into the message in progress, which must have room for it. */
  append(bytes: Buffer, offset: number, count: number): void {
    // Takes half the time of copy(), which makes such a view as well.
    const part = new Uint8Array(bytes.buffer, bytes.byteOffset + offset, count)
    ;(this.#partial as Buffer).set(part, this.received)
    this.received += count
  }

  /** Ends the message in progress and returns its payload. */
  take(): Buffer | undefined {
    const payload = this.#partial
    this.#partial = undefined
    this.received = 0
    return payload
  }

  #error(what: string): ProtocolError {
    return new ProtocolError('chunk', 'RTMP_ERR_CHUNK_HEADER', `chunk stream ${this.chunkStreamId}: ${what}`)
  }
}

function readUint24(bytes: Buffer, offset: number): number {
  return ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number)
}
