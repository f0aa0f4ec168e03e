import { type ChunkFormat, defaultChunkSize, extendedTimestampMark, maxChunkSize } from './chunk-header.ts'
import { chunkStreamIdFor } from './chunk-stream-id.ts'
import { chunkedLength, writeChunks, writeContinuation, writeHeader } from './chunk-writer.ts'
import { UsageError } from './errors.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import { OutgoingMessage } from './outgoing-message.ts'
import { parseSetChunkSize } from './protocol-control.ts'

/** The last header sent on a chunk stream: the next header leaves out the fields that are the same. */
class SentHeader {
  timestamp = 0
  messageLength = 0
  messageTypeId = 0
  messageStreamId = 0
  /** The last delta; -1 after format 0, because readers disagree on what format 3 adds then. */
  delta = -1
}

/** Empty array to be copied, as long as one NetStream needs: an array that grows takes more memory than it needs. */
const noHeaders: readonly (SentHeader | undefined)[] = Array.from({ length: 8 })

/**
 * Turns messages into the bytes of a chunk stream (RTMP 1.0 §5.3), with headers as short as they may be, on the chunk
 * stream of their kind. No stream and no I/O.
 *
 * A Set Chunk Size changes how the very next bytes are framed, so encoding one changes the muxer's own chunk size.
 */
export class ChunkMuxer {
  /** By chunk stream id. */
  readonly #sent = noHeaders.slice()
  #chunkSize = defaultChunkSize

  /** Bytes of payload per chunk; 128 until a Set Chunk Size has been encoded. */
  get outgoingChunkSize(): number {
    return this.#chunkSize
  }

  /**
   * Checks a message that is sent later.
   *
   * @throws UsageError see {@link ChunkMuxer.encode}
   */
  check(message: RtmpMessage): void {
    if (message.messageTypeId === MessageType.SetChunkSize) sizeIn(message)
    chunkedLength(message, 0, maxChunkSize)
  }

  /**
   * The bytes of one message, in a buffer of its own.
   *
   * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes of payload, `RTMP_ERR_OUTGOING_CHUNK_SIZE`
   *   for a Set Chunk Size that no peer would accept; nothing has changed then
   */
  encode(message: RtmpMessage): Buffer {
    const nextChunkSize = message.messageTypeId === MessageType.SetChunkSize ? sizeIn(message) : this.#chunkSize
    const { chunkStreamId, format, delta } = this.#header(message)
    const bytes = Buffer.allocUnsafe(chunkedLength(message, format, this.#chunkSize))
    writeChunks(bytes, 0, message, message.messageStreamId, chunkStreamId, format, delta, this.#chunkSize)

    this.#remember(message, chunkStreamId, format, delta)
    this.#chunkSize = nextChunkSize
    return bytes
  }

  /**
   * Begins a message that is taken chunk by chunk. Until it is done nothing else may be sent on its chunk stream.
   *
   * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes of payload
   */
  begin(message: RtmpMessage): OutgoingMessage {
    const { chunkStreamId, format, delta } = this.#header(message)
    const header = Buffer.allocUnsafe(chunkedLength(message, format, maxChunkSize) - message.payload.length)
    writeHeader(header, 0, message, message.messageStreamId, chunkStreamId, format, delta)
    const continuation = Buffer.allocUnsafe(5)
    const length = writeContinuation(continuation, 0, message, chunkStreamId, format)
    this.#remember(message, chunkStreamId, format, delta)
    return new OutgoingMessage(message, header, continuation.subarray(0, length))
  }

  /** To be called after other bytes than this muxer's were sent: every chunk stream starts with a full header again. */
  forget(): void {
    // Checked first, since this runs for each batch and player, and V8 sets a length slowly even if it is the same.
    if (this.#sent.length > 0) this.#sent.length = 0
  }

  #header(message: RtmpMessage): { chunkStreamId: number; format: ChunkFormat; delta: number } {
    const chunkStreamId = chunkStreamIdFor(message.messageTypeId, message.messageStreamId)
    const last = this.#sent[chunkStreamId]
    if (last === undefined) return { chunkStreamId, format: 0, delta: 0 }
    const delta = (message.timestamp - last.timestamp) >>> 0
    return { chunkStreamId, format: chooseFormat(message, delta, last), delta }
  }

  #remember(message: RtmpMessage, chunkStreamId: number, format: ChunkFormat, delta: number): void {
    const sent = (this.#sent[chunkStreamId] ??= new SentHeader())
    sent.timestamp = message.timestamp >>> 0
    sent.messageLength = message.payload.length
    sent.messageTypeId = message.messageTypeId
    sent.messageStreamId = message.messageStreamId
    sent.delta = format === 0 ? -1 : delta
  }
}

/** RTMP 1.0 §5.3.1.2. Time that goes back, and a delta that would need an extended timestamp, take format 0. */
function chooseFormat(message: RtmpMessage, delta: number, last: SentHeader): ChunkFormat {
  if (message.messageStreamId !== last.messageStreamId || delta >= extendedTimestampMark) return 0
  if (message.payload.length !== last.messageLength || message.messageTypeId !== last.messageTypeId) return 1
  return delta === last.delta ? 3 : 2
}

function sizeIn(message: RtmpMessage): number {
  const size = parseSetChunkSize(message.payload)
  if (size === undefined || size === 0 || size > 0x7fffffff) {
    throw new UsageError('RTMP_ERR_OUTGOING_CHUNK_SIZE', `chunk size ${size} is not in 1..2147483647`)
  }
  return Math.min(size, maxChunkSize)
}
