import type { ReceiveFlow } from '../contract/flow.ts'
import type { HoldableFlow } from './flow-sync.ts'

/** A flow of the far end, which waits for our reader and for other flows. */
export class IncomingFlow implements HoldableFlow {
  readonly flow: ReceiveFlow
  readonly streamId: number
  /** Something was given up since the last message. */
  hasGap = false
  /** Timestamp of the first picture after that. */
  gapAt: number | undefined
  /** Pictures have come. */
  hasVideo = false
  #isFull = false
  #isSynchronizing = false
  #isEnding = false

  constructor(flow: ReceiveFlow, streamId: number) {
    this.flow = flow
    this.streamId = streamId
  }

  /** Our reader takes no more. */
  set isFull(isFull: boolean) {
    this.#isFull = isFull
    this.#hold()
  }

  set isSynchronizing(isSynchronizing: boolean) {
    this.#isSynchronizing = isSynchronizing
    this.#hold()
  }

  /** A command of it, which ends a stream, waits for other flows. */
  set isEnding(isEnding: boolean) {
    this.#isEnding = isEnding
    this.#hold()
  }

  #hold(): void {
    this.flow.isHeld = this.#isFull || this.#isSynchronizing || this.#isEnding
  }
}
