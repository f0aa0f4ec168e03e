/** Bytes that all sessions of an endpoint keep together, of one kind. */
export class SharedMemory {
  readonly #most: number
  #used = 0

  /** @param most bytes that there may be */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  get used(): number {
    return this.#used
  }

  get isExceeded(): boolean {
    return this.#used > this.#most
  }

  grow(bytes: number): void {
    this.#used += bytes
  }
}
