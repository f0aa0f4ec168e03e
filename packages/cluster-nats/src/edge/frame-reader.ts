import type { Clock } from '../contract/clock.ts'
import { FrameError } from '../wire/errors.ts'
import { type FragmentBudget, Fragments } from '../wire/fragments.ts'
import { type FrameHead, type FramedMessage, FrameKind, type PartFrame } from '../wire/frame.ts'
import { parseFrame, parseMessage, parseSnapshot } from '../wire/parse-frame.ts'

/** What has come whole, be it in one frame or in parts. */
export interface Arrival extends FrameHead {
  readonly kind: Exclude<FrameKind, typeof FrameKind.Fragment>
  /** None of a tick and an end. */
  readonly messages: readonly FramedMessage[]
}

const none: readonly FramedMessage[] = []

/** Reads the frames of one sender on one subject. */
export class FrameReader {
  readonly #fragments: Fragments
  #seq = -1
  #index = -1

  constructor(clock: Clock, budget: FragmentBudget) {
    this.#fragments = new Fragments(clock, budget)
  }

  /** @returns undefined for a part of what is not whole, and for what is no frame: its number will be missed */
  read(payload: Buffer): Arrival | undefined {
    try {
      const frame = parseFrame(payload)
      if ('bytes' in frame) return this.#add(frame)
      this.clear()
      return 'messages' in frame ? frame : { ...frame, messages: none }
    } catch (error) {
      if (error instanceof FrameError) return undefined
      throw error
    }
  }

  /** Forgets what is incomplete. */
  clear(): void {
    if (this.#index === -1) return
    this.#seq = this.#index = -1
    this.#fragments.clear()
  }

  #add(part: PartFrame): Arrival | undefined {
    const { kind, flags, seq, sentAt, headers, index } = part
    // While two subscriptions overlap, each part of a message comes twice.
    if (kind === FrameKind.Fragment && seq === this.#seq && index === this.#index) return undefined
    this.#seq = seq
    this.#index = index
    const whole = this.#fragments.add(part)
    if (whole === undefined) return undefined
    if (kind === FrameKind.Snapshot) return { kind, flags, seq, sentAt, headers, messages: parseSnapshot(whole) }
    return { kind: FrameKind.Media, flags, seq, sentAt, headers, messages: [parseMessage(whole)] }
  }
}
