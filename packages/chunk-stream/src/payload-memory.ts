import { MessageType } from './message.ts'
import { PayloadBlock, payloadPool } from './payload-block.ts'

/** The first block, for connections that send little. Each further one is twice as long, up to the usual one. Bytes. */
const firstBlock = 8 * 1024
const usualBlock = 64 * 1024
/** Longer payloads have memory of their own, where blocks are used again and where they are not. Bytes. */
const longestReused = 1024 * 1024
const longestShared = usualBlock / 4

/**
 * Memory for the payloads of one connection. Those of media are cut from blocks, one behind the other: what is received
 * together is mostly kept and forgotten together, and collecting a block costs as much as collecting one payload.
 */
export class PayloadMemory {
  readonly #longest: number
  readonly #isReused: boolean
  #block: PayloadBlock | undefined

  /** @param isReused blocks come from those that all who had a part of them have released, see `releasePayload` */
  constructor(isReused = false) {
    this.#isReused = isReused
    this.#longest = isReused ? longestReused : longestShared
  }

  /** @param messageTypeId of the message that the payload is for */
  allocate(messageTypeId: number, length: number): Buffer {
    if (length > this.#longest || !isMedia(messageTypeId)) return Buffer.allocUnsafe(length)
    if (length > usualBlock) return this.#allocateAlone(length)
    if (this.#block?.hasRoom(length) !== true) {
      const last = this.#block?.bytes.length ?? firstBlock / 2
      this.#block?.seal()
      this.#block = this.#next(Math.min(usualBlock, 2 * last), length)
    }
    return this.#block.cut(length)
  }

  /** In a block for nothing else: a few bytes beside it would keep all of a long block from being used again. */
  #allocateAlone(length: number): Buffer {
    const block = this.#next(usualBlock, length)
    const payload = block.cut(length)
    block.seal()
    return payload
  }

  #next(usual: number, length: number): PayloadBlock {
    let size = usual
    while (size < length) size *= 2
    const free = this.#isReused ? payloadPool.take(size) : undefined
    free?.begin()
    return free ?? new PayloadBlock(size, this.#isReused)
  }
}

function isMedia(messageTypeId: number): boolean {
  return messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video
}
