/** Between looks at a connection: whether it answers, and what it has taken. Milliseconds. */
export const watchInterval = 100
/** A connection on which nothing is sent is asked for an answer as often as this. Milliseconds. */
export const askInterval = 250
/** A server that does not answer for so long is frozen, or its machine lost. Milliseconds. */
export const silenceLimit = 1_000
/** A look that comes later than this tells of our own sleep, not of the server's. Milliseconds. */
export const lateLook = 500
/** After so many bytes the server is asked whether it has them. */
export const markBytes: number = 1024 * 1024
/**
 * More than this is not handed to a connection that has not answered for it: the rest is dropped. The longest message
 * there is fits into it. Bytes.
 */
export const maxUnanswered: number = 24 * 1024 * 1024
/** For a server to say who it is. Milliseconds. */
export const probeTimeout = 1_000
/** For a connection to be made, TLS and login included. Milliseconds. */
export const connectTimeout = 2_000
/** Longest first line of a server. Bytes. */
export const maxInfo: number = 64 * 1024
/** Between rounds through all servers, none of which could be connected to: doubles up to the longest. Milliseconds. */
export const minPause = 50
export const maxPause = 1_000
/** A directory that has not answered by then is down. Milliseconds. */
export const storeTimeout = 1_000
/** Frames and fragments are at most 256 KB, and what is around them. Bytes. */
export const minPayload: number = 300 * 1024
/** What is not written again is forgotten by the bucket of nodes. Milliseconds. */
export const nodeTtl = 60_000
/** Addresses that servers may tell of each other. */
export const maxDiscovered = 64
