/**
 * Where keyframes of a file are: the first of every second, because some readers (FFmpeg 5) know whole seconds only and
 * would find a later one. Memory is bounded: when it is full, every second one is left out, and of those that come every
 * second one is taken.
 */
export class KeyframeIndex {
  readonly capacity: number
  #positions: number[] = []
  #times: number[] = []
  #every = 1
  #skipped = 0
  #second = -1

  /** @param capacity even, so that what is left out and what comes next stay equally far apart */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Bytes from the beginning of the file. */
  get positions(): readonly number[] {
    return this.#positions
  }

  /** Milliseconds. */
  get times(): readonly number[] {
    return this.#times
  }

  /** @param position bytes @param time milliseconds, of a keyframe after those before */
  add(position: number, time: number): void {
    const second = Math.floor(time / 1000)
    if (second === this.#second) return
    this.#second = second
    this.#skipped += 1
    if (this.#positions.length > 0 && this.#skipped < this.#every) return
    if (this.#positions.length >= this.capacity) {
      const isEven = (_: number, index: number): boolean => index % 2 === 0
      this.#positions = this.#positions.filter(isEven)
      this.#times = this.#times.filter(isEven)
      this.#every *= 2
    }
    this.#skipped = 0
    this.#positions.push(position)
    this.#times.push(time)
  }
}
