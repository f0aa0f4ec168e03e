/**
 * Limits of what a peer may make a {@link ChunkDemuxer} hold or do. Crossing one throws a `LimitError` with its own
 * code.
 */
export interface ChunkLimits {
  /** Longest message in bytes; default 8 MiB. `RTMP_ERR_MESSAGE_LENGTH`. */
  readonly maxMessageLength: number
  /** Distinct chunk stream ids; default 64. `RTMP_ERR_CHUNK_STREAMS`. */
  readonly maxChunkStreams: number
  /**
   * Bytes allocated for messages that are not complete yet, all chunk streams together; default 32 MiB.
   * `RTMP_ERR_PARTIAL_BYTES`.
   */
  readonly maxPartialBytes: number
  /** Smallest chunk size a peer may set; default 1, as RTMP 1.0 §5.4.1 allows. `RTMP_ERR_CHUNK_SIZE_TOO_SMALL`. */
  readonly minChunkSize: number
  /** Chunks per second while the peer's chunk size is below 128; default 200,000. `RTMP_ERR_CHUNK_RATE`. */
  readonly maxSmallChunksPerSecond: number
}

/** The defaults of {@link ChunkLimits}. */
export const defaultChunkLimits: ChunkLimits = {
  maxMessageLength: 8 * 1024 * 1024,
  maxChunkStreams: 64,
  maxPartialBytes: 32 * 1024 * 1024,
  minChunkSize: 1,
  maxSmallChunksPerSecond: 200_000,
}
