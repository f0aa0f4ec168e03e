/** The RC4 stream cipher, which OpenSSL no longer has. It is broken: only RTMPE needs it. */
export class Rc4 {
  readonly #state = new Uint8Array(256)
  #i = 0
  #j = 0

  /** @param key 1 to 256 bytes */
  constructor(key: Uint8Array) {
    const state = this.#state
    for (let i = 0; i < 256; i++) state[i] = i
    for (let i = 0, j = 0; i < 256; i++) {
      const swapped = state[i] as number
      j = (j + swapped + (key[i % key.length] as number)) & 255
      state[i] = state[j] as number
      state[j] = swapped
    }
  }

  /** Encrypts or decrypts the next bytes of the stream into a new buffer, because others may share the given one. */
  apply(bytes: Uint8Array): Buffer {
    const result = Buffer.allocUnsafe(bytes.length)
    const state = this.#state
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 255
      const a = state[i] as number
      j = (j + a) & 255
      const b = state[j] as number
      state[i] = b
      state[j] = a
      result[at] = (bytes[at] as number) ^ (state[(a + b) & 255] as number)
    }
    this.#i = i
    this.#j = j
    return result
  }
}
