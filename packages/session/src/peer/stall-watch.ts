import type { MessageOutput } from '../contract/message-connection.ts'
import { unref } from './unref.ts'

/** A peer that takes nothing for so long is gone. Milliseconds. */
export const stallTimeout = 30_000

/** Looks at the peer in that time. */
const looks = 3

/**
 * Watches a peer that something waits for, and tells when it has taken nothing for 30 s, or up to a third longer. It
 * counts its own checks, not time, so that after a pause of this process no peer is blamed. It has a timer until it is
 * stopped.
 */
export class StallWatch {
  readonly #output: MessageOutput
  readonly #timer: NodeJS.Timeout
  #queuedBytes: number
  #hasTaken = false
  #idleLooks = 0

  /** @param stalled called once; the watch is over then */
  constructor(output: MessageOutput, stalled: () => void) {
    this.#output = output
    this.#queuedBytes = output.queuedBytes
    const look = () => {
      if (!this.#isIdle()) return
      this.stop()
      stalled()
    }
    this.#timer = unref(setInterval(look, stallTimeout / looks))
  }

  /**
   * To be called when the peer has taken something, unless `queuedBytes` got smaller: that is noticed without a call.
   */
  progress(): void {
    this.#hasTaken = true
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #isIdle(): boolean {
    const { queuedBytes } = this.#output
    this.#idleLooks = this.#hasTaken || queuedBytes < this.#queuedBytes ? 0 : this.#idleLooks + 1
    this.#hasTaken = false
    this.#queuedBytes = queuedBytes
    return this.#idleLooks >= looks
  }
}
