import type { WorkerLine } from '@rtmpipe/cluster'
import type { AllPortsClosed, PortsClosed } from './messages.ts'

type Line = WorkerLine<AllPortsClosed, PortsClosed>

/**
 * When all workers end, none asks its clients to connect again while another one would still take them: it would have
 * to send them away in turn, and a publisher that moves there takes its stream from those who play it.
 */
export class ClosedPorts {
  /** Workers that take clients. */
  readonly #open = new Set<Line>()
  /** Workers that do not any more, and wait to hear it of the others. */
  readonly #waiting = new Set<Line>()
  #areAllEnding = false

  add(worker: Line): void {
    this.#open.add(worker)
    worker.onMessage(() => {
      this.#open.delete(worker)
      this.#waiting.add(worker)
      this.#answer()
    })
  }

  /** It has ended. */
  remove(worker: Line): void {
    this.#open.delete(worker)
    this.#waiting.delete(worker)
    this.#answer()
  }

  /**
   * From here on all of them end. Before that, one that ends does so by itself and need not wait.
   *
   * @param patience milliseconds that one that hangs keeps the others waiting
   */
  endAll(patience: number): void {
    this.#areAllEnding = true
    const giveUp = () => {
      this.#open.clear()
      this.#answer()
    }
    setTimeout(giveUp, patience).unref()
  }

  #answer(): void {
    if (this.#areAllEnding && this.#open.size > 0) return
    for (const worker of this.#waiting) worker.send({ type: 'all ports closed' })
    this.#waiting.clear()
  }
}
