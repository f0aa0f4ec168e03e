/** A value that changes, read one after the other; who reads slowly misses all but the newest. */
export class Latest<T> implements AsyncIterable<T> {
  readonly #signal: AbortSignal
  #value: { readonly of: T } | undefined
  #wake: (() => void) | undefined

  /** @param signal ends the reading */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
  }

  set(value: T): void {
    this.#value = { of: value }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    while (!this.#signal.aborted) {
      const value = this.#value
      this.#value = undefined
      if (value !== undefined) yield value.of
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
