/** Bytes of a frame, header included: half a server's default `max_payload` and more is free for others meanwhile. */
export const maxFrameLength: number = 256 * 1024
/** Bytes of a message of a stream: 24 bits, as in RTMP. */
export const maxMessageLength = 0xffffff
/** Bytes of a snapshot: the largest cached group of pictures, with headers and metadata of every track. */
export const maxSnapshotLength: number = 20 * 1024 * 1024
/** Bytes of incomplete messages and snapshots that a node holds. */
export const maxIncompleteBytes: number = 32 * 1024 * 1024
/** Milliseconds from the first fragment until what is still incomplete is dropped. */
export const maxIncompleteTime = 2_000
/** Bytes of a join request or its answer. */
export const maxJoinMessageLength = 512
