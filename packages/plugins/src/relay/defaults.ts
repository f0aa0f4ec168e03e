import type { BackoffOptions } from './backoff.ts'

/** Defaults of {@link BackoffOptions}. */
export const backoffDefaults: BackoffOptions = { min: 1_000, max: 30_000 }

/** Defaults of {@link RelayPullOptions}. */
export const relayPullDefaults: {
  /** Milliseconds. */
  readonly linger: number
  readonly maxStreams: number
} = { linger: 10_000, maxStreams: 1_000 }
