/** Is told what is sent in a network in memory, for figures. */
export interface Meter {
  /**
   * Something is sent.
   *
   * @param bytes of payload
   * @param to regions in which somebody takes it, each once
   */
  sent(subject: string, bytes: number, from: string, to: readonly string[]): void
}
