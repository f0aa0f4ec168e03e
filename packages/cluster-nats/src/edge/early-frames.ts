import type { MemoryShare } from './edge-memory.ts'
import { maxHeldBytes, maxHeldTime } from './limits.ts'

interface EarlyFrame {
  readonly epoch: number
  readonly payload: Buffer
  readonly at: number
}

/** Frames that come before it is known which publish is joined. */
export class EarlyFrames {
  readonly #share: MemoryShare
  #frames: EarlyFrame[] = []
  #bytes = 0

  /** @param share is told how much that is */
  constructor(share: MemoryShare) {
    this.#share = share
  }

  /** Of too many the oldest go. @param at when it came, milliseconds */
  add(epoch: number, payload: Buffer, at: number): void {
    this.#frames.push({ epoch, payload, at })
    this.#bytes += payload.length
    let count = 0
    for (const oldest of this.#frames) {
      if (this.#bytes <= maxHeldBytes && at - oldest.at <= maxHeldTime) break
      this.#bytes -= oldest.payload.length
      count += 1
    }
    if (count > 0) this.#frames.splice(0, count)
    this.#share.set(this.#bytes)
  }

  /** Those of a publish, in order. */
  of(epoch: number): readonly EarlyFrame[] {
    return this.#frames.filter(frame => frame.epoch === epoch)
  }

  clear(): void {
    this.#frames = []
    this.#bytes = 0
    this.#share.set(0)
  }
}
