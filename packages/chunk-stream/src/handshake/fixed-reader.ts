/** Gathers a known number of bytes from buffers that are cut anywhere. */
export class FixedReader {
  readonly #bytes: Buffer
  #filled = 0

  constructor(length: number) {
    this.#bytes = Buffer.alloc(length)
  }

  /** All bytes gathered; those that are not there yet are 0. */
  get bytes(): Buffer {
    return this.#bytes
  }

  get filled(): number {
    return this.#filled
  }

  get done(): boolean {
    return this.#filled === this.#bytes.length
  }

  /** Takes what is missing and returns the rest. */
  push(bytes: Buffer): Buffer {
    const taken = bytes.copy(this.#bytes, this.#filled)
    this.#filled += taken
    return bytes.subarray(taken)
  }
}
