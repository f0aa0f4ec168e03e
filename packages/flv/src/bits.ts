/** Bits of a header, from the most significant one on. Throws RangeError at its end. */
export class Bits {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Bits of a NAL unit, without the bytes that keep start codes out of it (ISO/IEC 14496-10 §7.4.1). */
  static ofNalUnit(unit: Buffer): Bits {
    return new Bits(withoutEmulation(unit))
  }

  flag(): boolean {
    const bit = (this.#bytes.readUInt8(this.#at >> 3) >> (7 - (this.#at & 7))) & 1
    this.#at += 1
    return bit === 1
  }

  skip(count: number): void {
    this.#at += count
  }

  /** Goes on at the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7
  }

  read(count: number): number {
    let value = 0
    for (let left = count; left > 0; left -= 1) value = value * 2 + (this.flag() ? 1 : 0)
    return value
  }

  /** Exponential Golomb code (ISO/IEC 14496-10 §9.1). */
  number(): number {
    let zeros = 0
    while (!this.flag()) zeros += 1
    if (zeros > 32) throw new RangeError('a number of more than 32 bits')
    return 2 ** zeros - 1 + this.read(zeros)
  }

  signed(): number {
    const code = this.number()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }

  /** Reads numbers that are not wanted. */
  skipNumbers(count: number): void {
    for (let left = count; left > 0; left -= 1) this.number()
  }
}

/** A NAL unit without the bytes that keep start codes out of it. */
export function withoutEmulation(unit: Buffer): Buffer {
  return Buffer.from(unit.filter((byte, at) => byte !== 3 || at < 2 || unit[at - 1] !== 0 || unit[at - 2] !== 0))
}
