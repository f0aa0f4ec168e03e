import { createHash, hash } from 'node:crypto'

const BLOCK = 64
const DIGEST = 32

const digest: (bytes: Buffer) => Buffer =
  typeof hash === 'function'
    ? bytes => hash('sha256', bytes, 'buffer')
    : bytes => createHash('sha256').update(bytes).digest()

/** HMAC-SHA256 under one key, which is padded once and not for each packet. */
export class HmacSha256 {
  readonly #inner: Buffer
  readonly #outer: Buffer

  /** @param most bytes of a message that need no memory of their own */
  constructor(key: Buffer, most = 0) {
    const padded = Buffer.alloc(BLOCK)
    ;(key.length > BLOCK ? digest(key) : key).copy(padded)
    this.#inner = Buffer.alloc(BLOCK + most)
    this.#outer = Buffer.alloc(BLOCK + DIGEST)
    for (let index = 0; index < BLOCK; index += 1) {
      this.#inner[index] = (padded[index] as number) ^ 0x36
      this.#outer[index] = (padded[index] as number) ^ 0x5c
    }
  }

  of(message: Buffer): Buffer {
    digest(this.#innerOf(message)).copy(this.#outer, BLOCK)
    return digest(this.#outer)
  }

  #innerOf(message: Buffer): Buffer {
    const length = BLOCK + message.length
    if (length > this.#inner.length) return Buffer.concat([this.#inner.subarray(0, BLOCK), message])
    message.copy(this.#inner, BLOCK)
    return this.#inner.subarray(0, length)
  }
}

/** HMAC-SHA256 of one message. */
export function hmacSha256(key: Buffer, message: Buffer): Buffer {
  return new HmacSha256(key).of(message)
}
