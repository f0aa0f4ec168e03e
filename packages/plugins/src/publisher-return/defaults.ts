/** Defaults of `PublisherReturnOptions`. */
export const publisherReturnDefaults: {
  /** Milliseconds. */
  readonly grace: number
} = { grace: 10_000 }
