import { ChunkDemuxer, isReusable } from '@rtmpipe/chunk-stream'
import { vi } from 'vitest'
import { batchMemory } from '../../../../chunk-stream/src/batch-memory.ts'
import { PayloadBlock } from '../../../../chunk-stream/src/payload-block.ts'

/** Not in the marks, headers and filler of the tests' payloads as often as it would have to be to go unnoticed. */
const poison = 0xee

/**
 * Overwrites memory as soon as it is free: whoever reads it afterwards reads something else, and not only when the memory
 * happens to be used again. Also counts the holds once more, so that memory that is held or released without being held
 * shows even if nobody reads it.
 */
export class Poison {
  /** How often payloads, batches and reads were overwritten. */
  readonly count: { payloads: number; batches: number; reads: number } = { payloads: 0, batches: 0, reads: 0 }
  /** What was done to memory that nobody held. */
  readonly faults: string[] = []
  readonly #holds = new Map<PayloadBlock, number>()

  constructor() {
    // The module is the one that the server uses, not a second copy of it.
    if (!isReusable(new PayloadBlock(64, true).cut(1))) throw new Error('another instance of the module is poisoned')
    this.#watchBlocks()
    const { giveBack } = batchMemory
    vi.spyOn(batchMemory, 'giveBack').mockImplementation(bytes => {
      bytes.fill(poison)
      this.count.batches += 1
      giveBack.call(batchMemory, bytes)
    })
    const { push } = ChunkDemuxer.prototype
    const { count } = this
    vi.spyOn(ChunkDemuxer.prototype, 'push').mockImplementation(function (this: ChunkDemuxer, bytes, emit, isLent) {
      push.call(this, bytes, emit, isLent)
      if (isLent !== true) return
      bytes.fill(poison)
      count.reads += 1
    })
  }

  /** Blocks with payloads that somebody has not released. */
  get heldBlocks(): number {
    return [...this.#holds.values()].filter(holds => holds > 0).length
  }

  [Symbol.dispose](): void {
    vi.restoreAllMocks()
  }

  #watchBlocks(): void {
    const { cut, hold, release, free } = PayloadBlock.prototype
    const change = (block: PayloadBlock, by: number, act: string) => {
      const before = this.#holds.get(block) ?? 0
      if (before === 0 && act !== 'cut') this.faults.push(act)
      this.#holds.set(block, before + by)
    }
    const poisoned = (block: PayloadBlock) => {
      block.bytes.fill(poison)
      this.count.payloads += 1
    }
    vi.spyOn(PayloadBlock.prototype, 'cut').mockImplementation(function (this: PayloadBlock, length) {
      change(this, 1, 'cut')
      return cut.call(this, length)
    })
    vi.spyOn(PayloadBlock.prototype, 'hold').mockImplementation(function (this: PayloadBlock) {
      change(this, 1, 'hold')
      hold.call(this)
    })
    vi.spyOn(PayloadBlock.prototype, 'release').mockImplementation(function (this: PayloadBlock) {
      change(this, -1, 'release')
      release.call(this)
    })
    vi.spyOn(PayloadBlock.prototype, 'free').mockImplementation(function (this: PayloadBlock) {
      poisoned(this)
      free.call(this)
    })
  }
}
