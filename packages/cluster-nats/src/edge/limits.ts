/** Milliseconds without an answer until a join is asked for once more, and until it is given up. */
export const answerTimeout = 500
/** Milliseconds from an answer until the snapshot has to be there. */
export const snapshotTimeout = 2_000
/** Milliseconds after a snapshot in which the answer of another origin, with a greater epoch, is still heard. */
export const otherAnswerTime = 500
/**
 * Joins that ask for snapshots over one connection at a time, and bytes of those snapshots: half of what a server holds for
 * a connection, in the configuration that we recommend.
 */
export const maxJoinsAtOnce = 32
export const maxSnapshotsBytes: number = 4 * 1024 * 1024
/** Bytes that a snapshot is taken to have before one has come, and after the connection was lost. */
export const firstAssumedBytes: number = 512 * 1024
export const troubledAssumedBytes: number = 2 * 1024 * 1024
/** Milliseconds after which others do not wait any more for a join that nobody has answered. */
export const maxJoinTime = 250
/** Frames that wait for the snapshot: bytes of payload, and milliseconds. */
export const maxHeldBytes: number = 4 * 1024 * 1024
export const maxHeldTime = 2_000
/** What waits for the reader: bytes of payload beside those of a snapshot, and milliseconds. */
export const maxUnreadBytes: number = 4 * 1024 * 1024
export const maxUnreadTime = 2_000
/** Bytes of all that has come to a node and is not read yet, from which on it joins no more streams. */
export const maxEdgeBytes: number = 256 * 1024 * 1024
/** Milliseconds by which what is handed on may be late; what is older is thrown away. */
export const maxAge = 3_000
/** Milliseconds for which the quickest way of a frame is remembered, twice that at most. */
export const quickestTime = 30_000
/** Milliseconds without any frame after which an origin is asked again. */
export const silenceTimeout = 2_000
/** Milliseconds between renewals of a join. */
export const renewInterval = 5_000
/** Milliseconds between questions to an origin that does not answer: the first and the longest. */
export const firstPause = 100
export const longestPause = 2_000
/** Milliseconds for which an origin that is lost, or one that has announced itself, is asked so often. */
export const eagerTime = 60_000
/** Milliseconds between questions for a name that nobody publishes, in case its announcement was lost. */
export const idlePause = 10_000
/** Milliseconds over which the joins of a node spread their questions when the network is back. */
export const returnSpread = 500
/** Milliseconds after which those who were cut off together with this node are back too, or gone. */
export const returnGrace = 5_000
