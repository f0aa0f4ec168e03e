/** Node's `StringDecoder`, for `setEncoding('utf8')` of streams. */
export class StringDecoder {
  readonly encoding = 'utf8'
  readonly #decoder = new TextDecoder()

  write(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true })
  }

  end(bytes?: Uint8Array): string {
    return this.#decoder.decode(bytes)
  }
}
