/** Bytes that came in pieces and have not been read yet. */
export class ByteWindow {
  #bytes: Buffer = Buffer.alloc(0)
  #position = 0

  /** Bytes taken since the beginning. */
  get position(): number {
    return this.#position
  }

  get length(): number {
    return this.#bytes.length
  }

  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
  }

  /** The next bytes, which stay; undefined if there are not as many. */
  peek(length: number): Buffer | undefined {
    return this.#bytes.length < length ? undefined : this.#bytes.subarray(0, length)
  }

  /** The next bytes; undefined, and nothing is taken, if there are not as many. */
  take(length: number): Buffer | undefined {
    const bytes = this.peek(length)
    if (bytes === undefined) return undefined
    this.#bytes = this.#bytes.subarray(length)
    this.#position += length
    return bytes
  }
}
