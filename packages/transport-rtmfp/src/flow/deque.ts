const FIRST_CAPACITY = 8

/** A queue with cheap ends, of which every item can be reached by its place. It keeps the memory of its longest time. */
export class Deque<T> {
  /** A ring; its length is a power of two, or nothing before the first item. */
  #items: (T | undefined)[] = []
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  get first(): T | undefined {
    return this.#length === 0 ? undefined : this.#items[this.#head]
  }

  get last(): T | undefined {
    return this.#length === 0 ? undefined : this.#items[this.#place(this.#length - 1)]
  }

  at(index: number): T | undefined {
    return index >= 0 && index < this.#length ? this.#items[this.#place(index)] : undefined
  }

  push(item: T): void {
    if (this.#length === this.#items.length) this.#grow()
    this.#items[this.#place(this.#length)] = item
    this.#length += 1
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head = this.#place(1)
    this.#length -= 1
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
    this.#length = 0
  }

  #place(index: number): number {
    return (this.#head + index) & (this.#items.length - 1)
  }

  #grow(): void {
    const length = Math.max(FIRST_CAPACITY, 2 * this.#items.length)
    this.#items = Array.from({ length }, (_, index) => this.at(index))
    this.#head = 0
  }
}
