/** Some metrics that belong together. */
export interface Part {
  /** Brings them up to date, at a scrape, unless they are always. */
  read?(): void
  /** Ends what it began. */
  close?(): void
}
