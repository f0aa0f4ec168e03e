/** Pseudorandom numbers from a seed (the generator sfc32): the same seed gives the same numbers. */
export class Random {
  #a = 0x9e3779b9
  #b = 0x243f6a88
  #c = 0xb7e15162
  #count: number

  constructor(seed: number) {
    this.#count = seed >>> 0
    this.#a ^= Math.floor(seed / 2 ** 32) >>> 0
    for (let round = 0; round < 12; round += 1) this.word()
  }

  /** 32 bits. */
  word(): number {
    const sum = (this.#a + this.#b + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 to below 1. */
  next(): number {
    return this.word() / 2 ** 32
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next()
  }
}

/** Delays of a network hop: lognormal, drawn from a table because that is quick. */
export class Delays {
  readonly #random: Random
  readonly #table: Float64Array

  /** @param median milliseconds, as is p99; 0 for none */
  constructor(random: Random, { median, p99 }: { readonly median: number; readonly p99: number }) {
    this.#random = random
    const sigma = median === 0 ? 0 : Math.log(p99 / median) / quantileOf(0.99)
    this.#table = quantiles.map(quantile => median * Math.exp(sigma * quantile))
  }

  next(): number {
    return this.#table[this.#random.word() & 1023] as number
  }
}

const quantiles = Float64Array.from({ length: 1024 }, (_, index) => quantileOf((index + 0.5) / 1024))

/** Below which value a share of the normal distribution is: by halving, right to a hundredth, which is enough for delays. */
function quantileOf(share: number): number {
  let low = -6
  let high = 6
  while (high - low > 0.001) {
    const middle = (low + high) / 2
    const below = 1 / (1 + Math.exp(-0.07056 * middle ** 3 - 1.5976 * middle))
    if (below < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
