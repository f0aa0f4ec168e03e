import type { SendFlowMachine } from '../flow/send-flow.ts'
import { Deque } from '../flow/deque.ts'

const PRIORITIES = 8

/** Flows that have something to send: the most urgent first, in turn among those of the same priority. */
export class ReadyFlows {
  readonly #lists: readonly Deque<SendFlowMachine>[] = Array.from({ length: PRIORITIES }, () => new Deque())
  #size = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  add(flow: SendFlowMachine): void {
    if (flow.isListed) return
    flow.isListed = true
    this.#size += 1
    this.#lists[flow.priority]?.push(flow)
  }

  clear(): void {
    while (this.take() !== undefined);
  }

  /** The next one, which is in the list no more. */
  take(): SendFlowMachine | undefined {
    for (let priority = PRIORITIES - 1; priority >= 0; priority -= 1) {
      const flow = this.#lists[priority]?.shift()
      if (flow === undefined) continue
      flow.isListed = false
      this.#size -= 1
      return flow
    }
    return undefined
  }
}
