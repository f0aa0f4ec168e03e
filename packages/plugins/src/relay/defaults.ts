/** Defaults of `BackoffOptions`. */
export const backoffDefaults: {
  /** Milliseconds. */
  readonly min: number
  /** Milliseconds. */
  readonly max: number
} = { min: 1_000, max: 30_000 }

/** Defaults of `RelayPushOptions`. */
export const relayPushDefaults: { readonly maxPerStream: number; readonly maxPushes: number } = {
  maxPerStream: 8,
  maxPushes: 1_000,
}

/** Defaults of `RelayPullOptions`. */
export const relayPullDefaults: {
  /** Milliseconds. */
  readonly linger: number
  readonly maxStreams: number
} = { linger: 10_000, maxStreams: 1_000 }
