import { createHash, hash } from 'node:crypto'
import { Beginnings } from './beginnings.ts'

const BLOCK = 64
const DIGEST = 32

/** As a string of bytes, which V8 keeps with less effort than memory outside of its heap. */
const digest: (bytes: Buffer) => string =
  typeof hash === 'function'
    ? bytes => hash('sha256', bytes, 'binary')
    : bytes => createHash('sha256').update(bytes).digest('binary')

/** Longest message that needs no memory of its own; packets have no more. */
const MOST_SHARED = 8_192
/** Where messages stand behind the padded key. Used within one call: one for all. */
const inner: Beginnings = new Beginnings(BLOCK + MOST_SHARED)
const outer: Buffer = Buffer.alloc(BLOCK + DIGEST)

/** HMAC-SHA256 under one key, which is padded once and not for each packet. */
export class HmacSha256 {
  readonly #innerPad = new Uint8Array(BLOCK)
  readonly #outerPad = new Uint8Array(BLOCK)

  constructor(key: Buffer) {
    const padded = Buffer.alloc(BLOCK)
    if (key.length > BLOCK) padded.write(digest(key), 'latin1')
    else padded.set(key)
    for (let index = 0; index < BLOCK; index += 1) {
      this.#innerPad[index] = (padded[index] as number) ^ 0x36
      this.#outerPad[index] = (padded[index] as number) ^ 0x5c
    }
  }

  of(message: Buffer): Buffer {
    const code = Buffer.allocUnsafe(DIGEST)
    this.write(message, code, 0, DIGEST)
    return code
  }

  /** Writes the first bytes of it. */
  write(message: Buffer, into: Buffer, at: number, length: number): void {
    const hashed = digest(this.#innerOf(message))
    outer.set(this.#outerPad)
    outer.write(hashed, BLOCK, DIGEST, 'latin1')
    into.write(digest(outer), at, length, 'latin1')
  }

  #innerOf(message: Buffer): Buffer {
    const length = BLOCK + message.length
    if (length > inner.memory.length) return Buffer.concat([this.#innerPad, message])
    inner.memory.set(this.#innerPad)
    inner.memory.set(message, BLOCK)
    return inner.of(length)
  }
}

/** HMAC-SHA256 of one message. */
export function hmacSha256(key: Buffer, message: Buffer): Buffer {
  return new HmacSha256(key).of(message)
}
