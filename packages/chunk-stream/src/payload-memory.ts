import { MessageType } from './message.ts'

/** The first block, for connections that send little. Each further one is twice as long, up to the last. Bytes. */
const firstBlock = 8 * 1024
const longestBlock = 64 * 1024

/**
 * Memory for the payloads of one connection. Those of media are cut from blocks, one behind the other: what is received
 * together is mostly kept and forgotten together, and collecting a block costs as much as collecting one payload.
 */
export class PayloadMemory {
  #block: Buffer | undefined
  #used = 0

  /** @param messageTypeId of the message that the payload is for */
  allocate(messageTypeId: number, length: number): Buffer {
    if (length > longestBlock / 4 || !isMedia(messageTypeId)) return Buffer.allocUnsafe(length)
    if (this.#block === undefined || this.#used + length > this.#block.length) {
      const last = this.#block?.length ?? firstBlock / 2
      this.#block = Buffer.allocUnsafeSlow(Math.max(length, Math.min(longestBlock, 2 * last)))
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#block.subarray(start, this.#used)
  }
}

function isMedia(messageTypeId: number): boolean {
  return messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video
}
