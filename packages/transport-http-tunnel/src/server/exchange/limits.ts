/** Bytes of a body that travel together, and of an answer: a message of NATS has at least 300 KB. */
export const maxPart: number = 256 * 1024
/** Requests under way in one direction, and bytes of their bodies; more are answered 503. */
export const maxUnderWay = 10_000
export const maxBytes: number = 64 * 1024 * 1024
/** Between looks at the clock while something is under way. Milliseconds. */
export const lookInterval = 250
/** What is not answered after this is asked again: messages get lost. Milliseconds. */
export const repeatAfter = 1_000
/** Whoever does not answer for so long is cut off, and nobody's name for so long belongs to a dead process. Milliseconds. */
export const patience = 5_000
export const missingPatience = 3_000
/** After so long without a message about a request, nobody waits for its answer. Milliseconds. */
export const silence = 15_000
/** Processes that are known to have been there. */
export const maxKnown = 1_000
