/** How many requests wait in all sessions of a server together. */
export class WaitingCount {
  readonly #limit: number
  #count = 0

  constructor(limit: number = Infinity) {
    this.#limit = limit
  }

  /** No more should be added. */
  get full(): boolean {
    return this.#count >= this.#limit
  }

  add(): void {
    this.#count += 1
  }

  remove(count = 1): void {
    this.#count -= count
  }
}
