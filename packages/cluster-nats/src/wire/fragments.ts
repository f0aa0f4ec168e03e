import type { Clock } from '../contract/clock.ts'
import { FrameError } from './errors.ts'
import type { PartFrame } from './frame.ts'
import { maxIncompleteBytes, maxIncompleteTime } from './limits.ts'

/** Bytes of incomplete messages and snapshots that all {@link Fragments} of a node hold together. */
export class FragmentBudget {
  readonly #max: number
  #bytes = 0

  /** @param max bytes, default 32 MiB */
  constructor(max: number = maxIncompleteBytes) {
    this.#max = max
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** False when there would be too many. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#max) return false
    this.#bytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes
  }
}

/**
 * Makes whole what one sender sends in parts on one subject, one after the other. What comes out of order has lost parts
 * on its way: it is dropped, which shows in the numbers of what comes next.
 */
export class Fragments {
  readonly #clock: Clock
  readonly #budget: FragmentBudget
  #parts: Buffer[] = []
  #bytes = 0
  #first: PartFrame | undefined
  #stopTimer = (): void => {}

  constructor(clock: Clock, budget: FragmentBudget) {
    this.#clock = clock
    this.#budget = budget
  }

  /**
   * Takes the next part. Memory is held only for what has come, however long it says to be.
   *
   * @returns all bytes when it is the last, see {@link parseMessage} and {@link parseSnapshot}
   * @throws FrameError when it contradicts the parts before it
   */
  add(part: PartFrame): Buffer | undefined {
    if (part.index === 0) {
      this.clear()
      if (part.isLast) return part.bytes
      this.#first = part
      this.#stopTimer = this.#clock.after(maxIncompleteTime, () => this.clear())
    } else if (!this.#continues(part)) {
      this.clear()
      return undefined
    }
    const { total } = part
    const bytes = this.#bytes + part.bytes.length
    if (total !== this.#first?.total || (part.isLast ? bytes !== total : bytes >= total)) {
      this.clear()
      throw new FrameError(`parts with ${bytes} bytes so far of something whole of ${total}`)
    }
    if (!this.#budget.take(part.bytes.length)) {
      this.clear()
      return undefined
    }
    this.#parts.push(part.bytes)
    this.#bytes = bytes
    if (!part.isLast) return undefined
    const whole = Buffer.concat(this.#parts, total)
    this.clear()
    return whole
  }

  /** Drops what is incomplete: to be called when something else comes in between, and at the end. */
  clear(): void {
    if (this.#first === undefined) return
    this.#stopTimer()
    this.#budget.giveBack(this.#bytes)
    this.#parts = []
    this.#bytes = 0
    this.#first = undefined
  }

  #continues({ kind, seq, index }: PartFrame): boolean {
    const first = this.#first
    return first?.kind === kind && first.seq === seq && index === this.#parts.length
  }
}
