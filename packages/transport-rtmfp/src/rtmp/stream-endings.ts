import type { IncomingFlow } from './incoming-flow.ts'

/** Milliseconds that flows have to end; not all clients end them. */
const LONGEST_WAIT = 250

interface Ending {
  /** The flow that it came on, which gives nothing else meanwhile. */
  readonly flow: IncomingFlow
  /** Those that may still have media of the stream. */
  readonly others: Set<IncomingFlow>
  readonly give: () => void
  readonly timer: NodeJS.Timeout
}

/**
 * Commands that end a stream. Where their sender does not synchronize its flows they overtake the last media, so they wait
 * until the other flows of the stream have ended: the sender closes these at the same time.
 */
export class StreamEndings {
  readonly #waiting = new Set<Ending>()

  /**
   * Holds a command, if there is something to wait for.
   *
   * @param others flows of the stream that are open
   * @param give gives it out
   */
  hold(flow: IncomingFlow, others: Iterable<IncomingFlow>, give: () => void): boolean {
    const open = new Set(others)
    if (open.size === 0) return false
    const timer = setTimeout(() => this.#release(ending), LONGEST_WAIT).unref()
    const ending: Ending = { flow, others: open, give, timer }
    this.#waiting.add(ending)
    flow.isEnding = true
    return true
  }

  /** A flow is over. */
  ended(flow: IncomingFlow): void {
    for (const ending of this.#waiting) {
      ending.others.delete(flow)
      if (ending.others.size === 0) this.#release(ending)
    }
  }

  /** Nobody waits any longer. */
  release(): void {
    for (const ending of this.#waiting) this.#release(ending)
  }

  /** Nobody wants them any more. */
  clear(): void {
    for (const { timer } of this.#waiting) clearTimeout(timer)
    this.#waiting.clear()
  }

  #release(ending: Ending): void {
    this.#waiting.delete(ending)
    clearTimeout(ending.timer)
    ending.give()
    ending.flow.isEnding = false
  }
}
