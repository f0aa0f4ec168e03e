import { blockOf } from './payload-block.ts'

/** The memory that payloads are parts of. Who keeps a part keeps all of it. */
export interface PayloadOrigin {
  /** Bytes of all of it. */
  readonly byteLength: number
  /** Whether the payload is a part of it. */
  has(payload: Buffer): boolean
  /** The part that begins at the `byteOffset` of a payload. It is not held by that. */
  part(byteOffset: number, length: number): Buffer
  /** A hold on all of its payloads, see `holdPayload`. */
  hold(): void
  /** Gives up one {@link PayloadOrigin.hold}. */
  release(): void
}

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
