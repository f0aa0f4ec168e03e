/** What asks processes of other machines: the `exchange` of a `Fabric` of `@rtmpipe/cluster`, where it has one. */
export interface Exchange {
  /** Takes questions for a name, each to be answered once. Returns what ends it. */
  serve(name: string, take: (question: Buffer, answer: (bytes: Uint8Array) => void) => void): () => void
  /** Asks. `take` is called once at most, with undefined when nobody has the name. Returns what ends the waiting. */
  ask(name: string, question: Uint8Array, take: (answer: Buffer | undefined) => void): () => void
}
