/** Milliseconds between two snapshots of a stream, at least: fifty a second. Who joins meanwhile shares the next one. */
export const snapshotWindow = 20
/** Joins of a stream that wait for a snapshot; more are told to come again. */
export const maxWaitingJoins = 200
/** Milliseconds after which those are to come again. */
export const retryAfter = 500
/** Nodes that follow a stream; more are told to come again. */
export const maxJoins = 10_000
/** Milliseconds without renewal after which a join is over; edges renew every 5 seconds. */
export const joinTime = 15_000
/** Milliseconds without a frame after which there is a tick. */
export const tickTime = 500
/** Milliseconds or bytes after which the server is asked whether it has seen what was sent. */
export const markTime = 100
export const markBytes: number = 256 * 1024
/** Bytes that the server has not seen and that are more than a burst, once they have waited for {@link markTime}. */
export const maxUnseen: number = 2 * 1024 * 1024
/** Milliseconds that the server may take to see what was sent. */
export const maxUnseenTime = 1_000
/** Bytes that the server has not seen, at whatever time, from which on pictures are left out: all of it is our memory. */
export const maxBurst: number = 16 * 1024 * 1024
/** Bytes that the server has not seen, from which on nothing is sent at all. */
export const maxHeld: number = 20 * 1024 * 1024
