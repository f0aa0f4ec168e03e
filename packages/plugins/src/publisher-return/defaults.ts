/** Defaults of {@link PublisherReturnOptions}. */
export const publisherReturnDefaults: {
  /** Milliseconds. */
  readonly grace: number
} = { grace: 10_000 }
