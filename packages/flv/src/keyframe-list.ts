/**
 * Where the keyframes of a file are, in bounded memory: when it is full, every second one is left out, and of those that come
 * every second one is taken.
 */
export class KeyframeList {
  /** Keyframes it holds at most. */
  readonly capacity: number
  readonly #interval: number
  readonly #positions: number[] = []
  readonly #times: number[] = []
  #every = 1
  #passed = 0
  #last = -1

  /**
   * @param capacity even, so that what is left out and what comes next stay equally far apart
   * @param interval milliseconds; of the keyframes in each, only the first is taken. Default 0, which takes all
   */
  constructor(capacity: number, interval = 0) {
    this.capacity = capacity
    this.#interval = interval
  }

  /** Bytes from the beginning of the file. */
  get positions(): readonly number[] {
    return this.#positions
  }

  /** Milliseconds. */
  get times(): readonly number[] {
    return this.#times
  }

  /**
   * Takes the next keyframe, unless the list has become too coarse for it.
   *
   * @param position bytes from the beginning of the file, after those before
   * @param time milliseconds
   */
  add(position: number, time: number): void {
    const interval = this.#interval > 0 ? Math.floor(time / this.#interval) : -1
    if (interval >= 0 && interval === this.#last) return
    this.#last = interval
    if (this.#passed % this.#every === 0) {
      if (this.#positions.length >= this.capacity) this.#thin()
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
