import { PayloadPool } from './payload-pool.ts'

/** Which block a payload is a part of, by the memory of both. */
const blocks = new WeakMap<ArrayBufferLike, PayloadBlock>()
/** The last one that was asked for: payloads of one block are mostly taken and given back together. */
let last: PayloadBlock | undefined

/**
 * Memory for many payloads, cut one behind the other. It is used again when nobody holds one of them any more: who cuts a
 * payload holds it.
 */
export class PayloadBlock {
  readonly bytes: Buffer
  #used = 0
  #holds = 0
  #isFilling = true

  /** @param isReused otherwise it is like any other memory: holds on its payloads mean nothing */
  constructor(length: number, isReused: boolean) {
    this.bytes = Buffer.allocUnsafeSlow(length)
    if (isReused) blocks.set(this.bytes.buffer, this)
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
    return this.bytes.subarray(start, this.#used)
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

/** The block that a payload is a part of, if any. */
export function blockOf(payload: Uint8Array): PayloadBlock | undefined {
  const memory = payload.buffer
  if (last?.bytes.buffer === memory) return last
  const block = blocks.get(memory)
  if (block !== undefined) last = block
  return block
}
