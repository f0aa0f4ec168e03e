/** A value that changes, read one after the other; who reads slowly misses all but the newest. */
export class Latest<T> implements AsyncIterable<T> {
  readonly #abort = new AbortController()
  readonly #parent: AbortSignal
  readonly #end = (): void => this.end()
  #newest: T | undefined
  #isUnread = false
  #wake: (() => void) | undefined

  /** @param signal ends the reading */
  constructor(signal: AbortSignal) {
    this.#parent = signal
    if (signal.aborted) this.end()
    else signal.addEventListener('abort', this.#end, { once: true })
  }

  /** What was set last. */
  get newest(): T | undefined {
    return this.#newest
  }

  /** Aborted when the reading has ended. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  set(value: T): void {
    this.#newest = value
    this.#isUnread = true
    this.#wake?.()
  }

  /** Has the value read once more, unless a newer one has come. */
  again(value: T): void {
    if (this.#newest === value) this.set(value)
  }

  end(): void {
    this.#parent.removeEventListener('abort', this.#end)
    this.#abort.abort()
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    while (!this.signal.aborted) {
      if (this.#isUnread) {
        this.#isUnread = false
        yield this.#newest as T
      } else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
