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
  readonly #table = new Float64Array(1024)

  /** @param median milliseconds, as is p99; 0 for none */
  constructor(random: Random, { median, p99 }: { readonly median: number; readonly p99: number }) {
    this.#random = random
    if (median === 0) return
    const sigma = Math.log(p99 / median) / 2.326
    for (let index = 0; index < this.#table.length; index += 1)
      this.#table[index] = median * Math.exp(sigma * normalQuantile((index + 0.5) / this.#table.length))
  }

  next(): number {
    return this.#table[this.#random.word() & 1023] as number
  }
}

/** Where the normal distribution's function has this value, by halving. */
function normalQuantile(share: number): number {
  let low = -6
  let high = 6
  for (let round = 0; round < 50; round += 1) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Share of a normal distribution below a value; right to a thousandth, which is enough for delays. */
function normalShare(value: number): number {
  return 1 / (1 + Math.exp(-0.07056 * value ** 3 - 1.5976 * value))
}
