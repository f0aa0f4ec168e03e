/** Window of acknowledgements in both roles, in bytes: what ffmpeg and librtmp use too. */
export const windowSize = 2_500_000

/** Outgoing chunk size in both roles, in bytes: so large that media messages are seldom cut. */
export const outgoingChunkSize = 60_000
