/** Shared empty set: most streams have none. */
const none: ReadonlySet<never> = new Set()

/** What is made of a stream and shown with it, as its recordings. */
export class Attachments<T> {
  readonly #changed: () => void
  #all: Set<T> | undefined

  /** @param changed called when one has come or gone */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get all(): ReadonlySet<T> {
    return this.#all ?? none
  }

  /** @returns takes it out again */
  add(attachment: T): () => void {
    this.#all ??= new Set()
    this.#all.add(attachment)
    this.#changed()
    return () => {
      if (this.#all?.delete(attachment)) this.#changed()
    }
  }
}
