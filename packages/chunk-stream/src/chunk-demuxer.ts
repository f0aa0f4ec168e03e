import { type ChunkFormat, defaultChunkSize, maxChunkSize, messageHeaderLength } from './chunk-header.ts'
import { type ChunkLimits, defaultChunkLimits } from './chunk-limits.ts'
import { LimitError, ProtocolError, type RtmpErrorCode } from './errors.ts'
import { IncomingChunkStream, incompleteHeader } from './incoming-chunk-stream.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import type { ChunkObserver } from './observed-chunk.ts'
import { releasePayload } from './payload-holds.ts'
import { PayloadMemory } from './payload-memory.ts'
import { parseAbort, parseSetChunkSize } from './protocol-control.ts'

/** Basic header 3, message header 11, extended timestamp 4. */
const maxHeaderLength = 18
/**
 * Empty array to be copied: most peers use only chunk stream ids below its length, and an array that grows takes more
 * memory than it needs.
 */
const noChunkStreams: readonly (IncomingChunkStream | undefined)[] = Array.from({ length: 8 })
const empty = Buffer.alloc(0)

/**
 * Turns the bytes of a chunk stream into messages (RTMP 1.0 §5.3). No stream and no I/O.
 *
 * Set Chunk Size and Abort change how the very next bytes are framed, so they are applied in here before the next chunk
 * is read, and emitted like any other message.
 *
 * A message that lies in one chunk of one buffer is emitted as a slice of that buffer; any other is copied once.
 * Buffers given to {@link ChunkDemuxer.push} must therefore not be written to afterwards, unless they are said to be lent.
 */
export class ChunkDemuxer {
  /** May be replaced at any time; messages that were accepted before stay. */
  limits: ChunkLimits

  /** Chunk streams with a one-byte basic header, by id: nearly all there are. */
  readonly #near = noChunkStreams.slice()
  #far: Map<number, IncomingChunkStream> | undefined
  #chunkStreams = 0
  #chunkSize = defaultChunkSize
  #current = new IncomingChunkStream(0)
  /** Payload bytes of the current chunk that are still to come. */
  #chunkRemaining = 0
  #partialBytes = 0
  readonly #memory: PayloadMemory
  /** True while the bytes at hand are good for this call only. */
  #isLent = false
  /** A header cut off by the end of a buffer. */
  #carry = empty
  #carried = 0
  #smallChunks = 0
  #smallChunksSince = performance.now()
  readonly #observer: ChunkObserver | undefined

  /**
   * @param limits those that differ from {@link defaultChunkLimits}
   * @param observer told of each chunk, for diagnosis
   * @param reusesPayloads see {@link ChunkConnectionOptions.reusesPayloads}. Default false
   */
  constructor(limits?: Partial<ChunkLimits>, observer?: ChunkObserver, reusesPayloads = false) {
    this.limits = { ...defaultChunkLimits, ...limits }
    this.#observer = observer
    this.#memory = new PayloadMemory(reusesPayloads)
  }

  /** Bytes of payload per chunk, as last set by the peer; 128 until it does. */
  get incomingChunkSize(): number {
    return this.#chunkSize
  }

  /** Bytes allocated for messages that are not complete yet. */
  get partialBytes(): number {
    return this.#partialBytes
  }

  /**
   * Takes the next bytes, cut anywhere, and emits the messages that they complete, also those before a fault. After a
   * throw the framing is lost and the demuxer must not be used again.
   *
   * @param isLent the bytes are good for this call only: payloads are copied. Default false
   * @throws ProtocolError `RTMP_ERR_CHUNK_HEADER`, `RTMP_ERR_CHUNK_SIZE`
   * @throws LimitError see {@link ChunkLimits}
   */
  push(bytes: Buffer, emit: (message: RtmpMessage) => void, isLent = false): void {
    this.#isLent = isLent
    this.#consume(bytes, this.#carried > 0 ? this.#completeHeader(bytes, emit) : 0, emit)
  }

  /**
   * Tells that no more bytes will come.
   *
   * @throws ProtocolError `RTMP_ERR_CHUNK_TRUNCATED` when they ended inside a message
   */
  end(): void {
    if (this.#carried > 0 || this.#chunkRemaining > 0 || this.#partialBytes > 0) {
      throw new ProtocolError('chunk', 'RTMP_ERR_CHUNK_TRUNCATED', 'the chunk stream ended inside a message')
    }
  }

  #consume(bytes: Buffer, offset: number, emit: (message: RtmpMessage) => void): void {
    while (offset < bytes.length) {
      if (this.#chunkRemaining === 0) {
        const headerEnd = this.#readHeader(bytes, offset, bytes.length)
        if (headerEnd === incompleteHeader) {
          if (this.#carry === empty) this.#carry = Buffer.alloc(maxHeaderLength)
          this.#carried = bytes.copy(this.#carry, 0, offset)
          return
        }
        offset = headerEnd
      }
      offset = this.#readPayload(bytes, offset, emit)
    }
  }

  /** Completes the carried header with `bytes`; returns where to go on in them. */
  #completeHeader(bytes: Buffer, emit: (message: RtmpMessage) => void): number {
    const carried = this.#carried
    const filled = carried + bytes.copy(this.#carry, carried)
    const headerEnd = this.#readHeader(this.#carry, 0, filled)
    if (headerEnd === incompleteHeader) {
      this.#carried = filled
      return bytes.length
    }
    this.#carried = 0
    if (headerEnd >= carried) return this.#readPayload(bytes, headerEnd - carried, emit)
    // Up to three bytes of payload were carried over because they looked like an extended timestamp.
    this.#consume(Buffer.from(this.#carry.subarray(headerEnd, carried)), 0, emit)
    return this.#carried > 0 ? this.#completeHeader(bytes, emit) : 0
  }

  /** Reads one chunk's header and makes it current, or returns {@link incompleteHeader} and changes nothing. */
  #readHeader(bytes: Buffer, start: number, end: number): number {
    let offset = start
    const first = bytes[offset++] as number
    let id = first & 0x3f
    // RTMP 1.0 §5.3.1.1: 0 and 1 select the longer forms; the last of them is little-endian.
    if (id < 2) {
      const length = id + 1
      if (offset + length > end) return incompleteHeader
      id = 64 + (length === 1 ? (bytes[offset] as number) : bytes.readUInt16LE(offset))
      offset += length
    }
    const known = id < 64 ? this.#near[id] : this.#far?.get(id)
    const format = first >> 6
    if (known === undefined && format > 1) {
      throw new ProtocolError('chunk', 'RTMP_ERR_CHUNK_HEADER', `chunk stream ${id}: begins with format ${format}`)
    }
    const stream = known ?? new IncomingChunkStream(id)
    const headerEnd = stream.readHeader(format, bytes, offset, end)
    if (headerEnd === incompleteHeader) return incompleteHeader

    if (known === undefined) this.#open(stream)
    if (stream.messageLength > this.limits.maxMessageLength) {
      throw limitError('RTMP_ERR_MESSAGE_LENGTH', 'message length', stream.messageLength, this.limits.maxMessageLength)
    }
    if (this.#chunkSize < defaultChunkSize) this.#countSmallChunk()
    this.#current = stream
    this.#chunkRemaining = Math.min(this.#chunkSize, stream.messageLength - stream.received)
    if (this.#observer !== undefined)
      this.#tell(this.#observer, format as ChunkFormat, headerEnd - start, headerEnd - offset)
    return headerEnd
  }

  #tell(observer: ChunkObserver, format: ChunkFormat, headerLength: number, afterBasicHeader: number): void {
    const { chunkStreamId, timestamp, messageLength, messageTypeId, messageStreamId, received } = this.#current
    observer({
      chunkStreamId,
      format,
      headerLength,
      extendedTimestamp: afterBasicHeader > messageHeaderLength[format],
      timestamp,
      messageLength,
      messageTypeId,
      messageStreamId,
      messageOffset: received,
      payloadLength: this.#chunkRemaining,
    })
  }

  #open(stream: IncomingChunkStream): void {
    this.#chunkStreams++
    if (this.#chunkStreams > this.limits.maxChunkStreams) {
      throw limitError('RTMP_ERR_CHUNK_STREAMS', 'chunk streams', this.#chunkStreams, this.limits.maxChunkStreams)
    }
    if (stream.chunkStreamId < 64) this.#near[stream.chunkStreamId] = stream
    else (this.#far ??= new Map()).set(stream.chunkStreamId, stream)
  }

  /** Takes what `bytes` hold of the current chunk's payload; returns where it ends. */
  #readPayload(bytes: Buffer, offset: number, emit: (message: RtmpMessage) => void): number {
    const stream = this.#current
    const count = Math.min(this.#chunkRemaining, bytes.length - offset)
    const end = offset + count
    this.#chunkRemaining -= count
    if (count === stream.messageLength) {
      this.#deliver(stream, count === 0 ? empty : this.#whole(stream, bytes, offset, end), emit)
    } else if (count > 0) {
      const shortage = stream.shortage(count)
      if (shortage > 0) {
        this.#reserve(shortage)
        stream.grow(shortage, this.#memory)
      }
      stream.append(bytes, offset, count)
      if (stream.received === stream.messageLength) this.#deliver(stream, this.#release(stream) as Buffer, emit)
    }
    return end
  }

  #whole({ messageTypeId }: IncomingChunkStream, bytes: Buffer, offset: number, end: number): Buffer {
    if (!this.#isLent) return bytes.subarray(offset, end)
    const payload = this.#memory.allocate(messageTypeId, end - offset)
    bytes.copy(payload, 0, offset, end)
    return payload
  }

  #reserve(count: number): void {
    const total = this.#partialBytes + count
    if (total > this.limits.maxPartialBytes) {
      throw limitError('RTMP_ERR_PARTIAL_BYTES', 'bytes of unfinished messages', total, this.limits.maxPartialBytes)
    }
    this.#partialBytes = total
  }

  #release(stream: IncomingChunkStream): Buffer | undefined {
    this.#partialBytes -= stream.allocated
    return stream.take()
  }

  #deliver(stream: IncomingChunkStream, payload: Buffer, emit: (message: RtmpMessage) => void): void {
    const { messageTypeId, messageStreamId, timestamp } = stream
    if (messageTypeId === MessageType.SetChunkSize) this.#setChunkSize(parseSetChunkSize(payload))
    else if (messageTypeId === MessageType.Abort) this.#abort(parseAbort(payload))
    emit({ messageTypeId, messageStreamId, timestamp, payload })
  }

  /** RTMP 1.0 §5.4.1. A body too short to hold a size is ignored. */
  #setChunkSize(size: number | undefined): void {
    if (size === undefined) return
    if (size === 0 || size > 0x7fffffff) {
      throw new ProtocolError('chunk', 'RTMP_ERR_CHUNK_SIZE', `chunk size ${size} is not in 1..2147483647`)
    }
    if (size < this.limits.minChunkSize) {
      throw new LimitError('RTMP_ERR_CHUNK_SIZE_TOO_SMALL', `chunk size ${size} is below ${this.limits.minChunkSize}`)
    }
    this.#chunkSize = Math.min(size, maxChunkSize)
  }

  /** RTMP 1.0 §5.4.2: drops the message in progress; what the next header inherits stays. */
  #abort(chunkStreamId: number | undefined): void {
    if (chunkStreamId === undefined) return
    const stream = chunkStreamId < 64 ? this.#near[chunkStreamId] : this.#far?.get(chunkStreamId)
    if (stream === undefined) return
    const begun = this.#release(stream)
    if (begun !== undefined) releasePayload(begun)
  }

  /** Asks the clock only when a whole second's budget has been used. */
  #countSmallChunk(): void {
    this.#smallChunks++
    if (this.#smallChunks <= this.limits.maxSmallChunksPerSecond) return
    const now = performance.now()
    if (now - this.#smallChunksSince < 1000) {
      throw limitError(
        'RTMP_ERR_CHUNK_RATE',
        'small chunks per second',
        this.#smallChunks,
        this.limits.maxSmallChunksPerSecond,
      )
    }
    this.#smallChunks = 1
    this.#smallChunksSince = now
  }
}

function limitError(code: RtmpErrorCode, what: string, value: number, limit: number): LimitError {
  return new LimitError(code, `${what} ${value} exceeds ${limit}`)
}
