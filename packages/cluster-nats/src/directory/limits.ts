// All in milliseconds.

/**
 * From when the network is there again, or has lost a server: an owner that it does not know of may only not be back yet,
 * as the pauses of those who connect again get as long as a second.
 */
export const returnGrace = 3_000
/**
 * For an owner that the servers do not know of, at any other time: longer than it takes to change to another server (42 to
 * 93 ms measured), and short, as so long an encoder has to wait whose node was killed.
 */
export const reconnectTime = 150
/** Until such an owner is asked again: a quarter of the time for which it has not been known, within these bounds. */
export const unknownPause = 25
export const maxUnknownPause = 250
/** Between two renewals of a node's lease. */
export const renewPeriod = 2_000
/** Between two renewals that count as one after the other: with more, something stood still. */
export const maxRenewGap = 5_000
/**
 * Without a renewal for so long a node that does not answer is dead: longer than the longest election of the directory
 * (7.6 s measured) and two renewals.
 */
export const deadAfter = 12_000
/** A process that is connected for the first time within this of its start has not waited for an outage to end. */
export const promptStart = 1_000
/** For an answer of a name's owner. */
export const answerTimeout = 500
/** How often it is asked. */
export const maxQuestions = 2
/** For the directory to come back, before a claim fails. */
export const maxDirectoryDown = 10_000
/**
 * For a claim, all in all: until the directory is given up, with an answer of its own that is waited for, or an owner that
 * does not answer is dead.
 */
export const claimTimeout = 20_000
/** Between two tries of what the directory did not answer, at least. Up to twice that. */
export const retryPause = 250
/** Before a name that somebody else has just taken or given back is looked at again, at least. Up to twice that. */
export const racePause = 20
/** Between two looks at whether a claim still stands in the directory, at most. A tenth less at least. */
export const checkPeriod = 30_000
/** Before that is tried again when it can't be said. */
export const checkAgain = 2_000
/** At most, before claims are looked at once the network is back: not all nodes at the same time. */
export const maxReturnPause = 500
/** Between two tries to give back what the directory did not answer for. */
export const giveBackPeriod = 5_000
/** Between two times that a node looks for names of dead nodes, on average: half of it at least. */
export const sweepPeriod = 300_000
/** Before it looks at the next name: ten a second. */
export const sweepPause = 100
/** For which it goes on: shorter than the minute after which its mark, that it does so, is forgotten. */
export const sweepTime = 50_000

/** Names that are to be given back when the directory answers again: of more, the oldest are left to whoever claims them. */
export const maxLeftovers = 10_000
/** Bytes of what nodes say to each other about names, or write into the directory. */
export const maxMessageLength = 256
