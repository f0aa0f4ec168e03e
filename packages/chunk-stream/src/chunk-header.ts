/** The `fmt` of a chunk: which fields its message header carries (RTMP 1.0 §5.3.1.2). */
export type ChunkFormat = 0 | 1 | 2 | 3

/** Bytes of the chunk message header by format (RTMP 1.0 §5.3.1.2). */
export const messageHeaderLength = [11, 7, 3, 0] as const

/** The 24-bit timestamp field that says the whole value follows as 32 bits (RTMP 1.0 §5.3.1.3). */
export const extendedTimestampMark = 0xffffff

/** Chunk size of both directions until a Set Chunk Size (RTMP 1.0 §5.4.1). */
export const defaultChunkSize = 128

/** Larger sizes act as this one, since no message is longer (RTMP 1.0 §5.4.1). */
export const maxChunkSize = 0xffffff
