interface Given<T> {
  readonly value: T
  readonly taken: (isTaken: boolean) => void
}

/** Brings several sources together for one reader, who is never ahead of them, nor they of it. */
export class Handover<T> implements AsyncIterable<T> {
  readonly #signal: AbortSignal
  readonly #given: Given<T>[] = []
  #wake: (() => void) | undefined
  #failure: { readonly error: unknown } | undefined

  /** @param signal ends it */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#end(), { once: true })
  }

  /** Resolves when it is taken; with false when it never is. */
  give(value: T): Promise<boolean> {
    if (this.#signal.aborted) return Promise.resolve(false)
    return new Promise(taken => {
      this.#given.push({ value, taken })
      this.#wake?.()
    })
  }

  /** A source has failed: so does the reading. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    while (!this.#signal.aborted) {
      if (this.#failure !== undefined) throw this.#failure.error
      const first = this.#given.shift()
      if (first === undefined) await new Promise<void>(resolve => (this.#wake = resolve))
      else {
        first.taken(true)
        yield first.value
      }
    }
  }

  #end(): void {
    for (const { taken } of this.#given.splice(0)) taken(false)
    this.#wake?.()
  }
}
