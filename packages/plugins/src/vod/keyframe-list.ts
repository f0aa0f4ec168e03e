/** Where the keyframes of a file are, in bounded memory: when it is full, every second one is left out from then on. */
export class KeyframeList {
  readonly #capacity: number
  readonly #positions: number[] = []
  readonly #times: number[] = []
  #every = 1
  #passed = 0

  /** @param capacity even */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes from the beginning of the file. */
  get positions(): readonly number[] {
    return this.#positions
  }

  /** Milliseconds. */
  get times(): readonly number[] {
    return this.#times
  }

  add(position: number, time: number): void {
    if (this.#passed % this.#every === 0) {
      if (this.#positions.length === this.#capacity) this.#thin()
      this.#positions.push(position)
      this.#times.push(time)
    }
    this.#passed += 1
  }

  #thin(): void {
    for (const list of [this.#positions, this.#times]) {
      for (let place = 0; place * 2 < list.length; place += 1) list[place] = list[place * 2] ?? 0
      list.length = Math.ceil(list.length / 2)
    }
    this.#every *= 2
  }
}
