/** Least milliseconds between two readings that count. */
const shortestSample = 1_000
/** Time constant of the average in milliseconds: what is older counts little. */
const timeConstant = 5_000

/** How fast a counter of bytes grows, from readings at any times. */
export class Rate {
  #bytes: number
  #time: number
  #bitsPerSecond: number | undefined

  /** @param now milliseconds, of any clock */
  constructor(bytes: number, now: number) {
    this.#bytes = bytes
    this.#time = now
  }

  /** Bits per second, as known after the last look; undefined within the first second. */
  get bitsPerSecond(): number | undefined {
    return this.#bitsPerSecond
  }

  look(bytes: number, now: number): void {
    const elapsed = now - this.#time
    if (elapsed < shortestSample) return
    const latest = ((bytes - this.#bytes) * 8_000) / elapsed
    const before = this.#bitsPerSecond ?? latest
    this.#bitsPerSecond = latest + (before - latest) * Math.exp(-elapsed / timeConstant)
    this.#bytes = bytes
    this.#time = now
  }
}
