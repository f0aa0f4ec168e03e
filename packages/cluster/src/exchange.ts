/**
 * Questions of one process to another, for what is no stream. At most once: what is lost is not told, and is to be asked
 * again. Questions and answers have at most 280 KB, and whoever has the credentials of the fabric can send them.
 */
export interface Exchange {
  /**
   * Takes the questions for a name, which nobody else may have: up to 64 letters, digits, `_` and `-`.
   *
   * @param take may answer, now or later, and once
   * @returns ends it
   */
  serve(name: string, take: (question: Buffer, answer: (bytes: Uint8Array) => void) => void): () => void
  /**
   * Asks whoever has the name.
   *
   * @param take called at most once, never before this has returned: with undefined when nobody has the name as far as is
   *   known, which may be so for a moment only
   * @returns ends the waiting
   */
  ask(name: string, question: Uint8Array, take: (answer: Buffer | undefined) => void): () => void
}
