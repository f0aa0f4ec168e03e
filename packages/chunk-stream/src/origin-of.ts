import { blockOf } from './payload-block.ts'
import type { PayloadOrigin } from './payload-origin.ts'

/** Memory that is not used again. */
class PlainOrigin implements PayloadOrigin {
  readonly #memory: ArrayBufferLike

  constructor(memory: ArrayBufferLike) {
    this.#memory = memory
  }

  get byteLength(): number {
    return this.#memory.byteLength
  }

  has(payload: Buffer): boolean {
    return payload.buffer === this.#memory
  }

  part(byteOffset: number, length: number): Buffer {
    return Buffer.from(this.#memory, byteOffset, length)
  }

  hold(): void {}

  release(): void {}
}

/** What a payload is a part of. */
export function originOf(payload: Buffer): PayloadOrigin {
  return blockOf(payload) ?? new PlainOrigin(payload.buffer)
}
