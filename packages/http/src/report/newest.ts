/** Events, and refusals, that are kept. */
export const maxKept = 1_000

/** The newest of many. */
export class Newest<T> {
  readonly #max: number
  readonly #items: T[] = []

  constructor(max: number = maxKept) {
    this.#max = max
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length > this.#max) this.#items.shift()
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values()
  }

  get newest(): T | undefined {
    return this.#items.at(-1)
  }
}
