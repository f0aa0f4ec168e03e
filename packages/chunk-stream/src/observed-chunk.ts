import type { ChunkFormat } from './chunk-header.ts'

/**
 * One chunk as a {@link ChunkDemuxer} has read its header (RTMP 1.0 §5.3.1): its fields, with those that it inherits.
 * Its payload comes next, then the header of the next chunk.
 */
export interface ObservedChunk {
  /** 2 to 65,599. */
  readonly chunkStreamId: number
  /** `fmt` of the basic header, 0 to 3: how much of the message header is there. */
  readonly format: ChunkFormat
  /** Bytes of basic header, message header and extended timestamp. */
  readonly headerLength: number
  /** Whether an extended timestamp was read. */
  readonly extendedTimestamp: boolean
  /** Timestamp of the message, with deltas added. */
  readonly timestamp: number
  /** Bytes of the whole message. */
  readonly messageLength: number
  /** A `MessageType`, or one that is not known. */
  readonly messageTypeId: number
  /** The NetStream that the message belongs to; 0 is the NetConnection. */
  readonly messageStreamId: number
  /** Bytes of the message in chunks before this one; 0 for the chunk it begins with. */
  readonly messageOffset: number
  /** Bytes of the message in this chunk. */
  readonly payloadLength: number
}

/** Told of every chunk before its payload is read. */
export type ChunkObserver = (chunk: ObservedChunk) => void
