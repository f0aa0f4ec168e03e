import type { PayloadOrigin } from './payload-origin.ts'
import { PayloadPool } from './payload-pool.ts'

/** Where a payload has its block: a map of blocks by their memory takes four times as long to ask. */
const ownBlock: unique symbol = Symbol('block')

interface BlockPayload extends Uint8Array {
  [ownBlock]?: PayloadBlock
}

/**
 * Memory for many payloads, cut one behind the other. It is used again when nobody holds one of them any more: who cuts a
 * payload holds it.
 */
export class PayloadBlock implements PayloadOrigin {
  readonly bytes: Buffer
  readonly #isReused: boolean
  #used = 0
  #holds = 0
  #isFilling = true

  /** @param isReused otherwise it is like any other memory: holds on its payloads mean nothing */
  constructor(length: number, isReused: boolean) {
    // In memory of its own: a payload's byteOffset is its place in the block.
    this.bytes = Buffer.allocUnsafeSlow(length)
    this.#isReused = isReused
  }

  get byteLength(): number {
    return this.bytes.length
  }

  /** Whether that much is left. */
  hasRoom(length: number): boolean {
    return this.#used + length <= this.bytes.length
  }

  /** A payload, which is held once. There must be room for it. */
  cut(length: number): Buffer {
    this.#holds += 1
    const start = this.#used
    this.#used += length
    return this.part(start, length)
  }

  has(payload: BlockPayload): boolean {
    return payload[ownBlock] === this
  }

  part(byteOffset: number, length: number): Buffer {
    const payload: Buffer & BlockPayload = this.bytes.subarray(byteOffset, byteOffset + length)
    if (this.#isReused) payload[ownBlock] = this
    return payload
  }

  /** Nothing is cut from it any more, until it is begun anew. */
  seal(): void {
    this.#isFilling = false
    if (this.#holds === 0) this.free()
  }

  /** Payloads are cut from it again, from its start. */
  begin(): void {
    this.#isFilling = true
    this.#used = 0
  }

  hold(): void {
    this.#holds += 1
  }

  release(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.free()
  }

  /** Nobody reads it any more. */
  free(): void {
    if (this.#isFilling) this.#used = 0
    else payloadPool.put(this)
  }
}

/** Blocks that nobody holds, of the whole process. */
export const payloadPool: PayloadPool<PayloadBlock> = new PayloadPool()

/** The block that a payload was cut from, if it is used again. */
export function blockOf(payload: Uint8Array): PayloadBlock | undefined {
  return (payload as BlockPayload)[ownBlock]
}
