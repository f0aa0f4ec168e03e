import type { ReceiveFlowMachine } from '../flow/receive-flow.ts'
import type { ByteWriter } from '../wire/byte-writer.ts'

/** How long what is not urgent may wait, milliseconds. RFC 7016 §3.6.3.4 allows 200. */
const DELAY = 100

/** Flows of which something has come that the far end has not been told of yet (RFC 7016 §3.6.3.4). */
export class PendingAcknowledgements {
  #flows: ReceiveFlowMachine[] = []
  #packets = 0
  #deadline = Number.POSITIVE_INFINITY

  /** When they are to be sent. Sooner will do, with something else. */
  get deadline(): number {
    return this.#deadline
  }

  isDue(now: number): boolean {
    return this.#flows.length > 0 && now >= this.#deadline
  }

  add(flow: ReceiveFlowMachine, now: number, isUrgent: boolean): void {
    if (!flow.isAwaited) {
      flow.isAwaited = true
      this.#flows.push(flow)
    }
    this.#deadline = Math.min(this.#deadline, isUrgent ? now : now + DELAY)
  }

  /** A packet with something of flows has come: every second one is acknowledged at once. */
  received(now: number): void {
    this.#packets += 1
    if (this.#packets >= 2 && this.#flows.length > 0) this.#deadline = Math.min(this.#deadline, now)
  }

  /** Writes those for which there is room. */
  write(writer: ByteWriter): void {
    let count = 0
    for (const flow of this.#flows) {
      if (!flow.writeAcknowledgement(writer, count === 0)) break
      flow.isAwaited = false
      count += 1
    }
    this.#flows.splice(0, count)
    if (this.#flows.length > 0) return
    this.#deadline = Number.POSITIVE_INFINITY
    this.#packets = 0
  }

  clear(): void {
    this.#flows = []
    this.#deadline = Number.POSITIVE_INFINITY
  }
}
