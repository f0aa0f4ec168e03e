import type { Worker } from 'node:cluster'
import { isAliveMessage } from './messages.ts'

/** Finds workers whose event loop hangs: they have said nothing for as long as systemd would wait for us. */
export class SignsOfLife {
  readonly #wait: number
  readonly #isHanging: (worker: Worker) => void
  readonly #last = new Map<Worker, number>()
  #looked = performance.now()

  /**
   * @param wait milliseconds without a sign that are too many
   * @param isHanging told of a worker, once
   */
  constructor(wait: number, isHanging: (worker: Worker) => void) {
    this.#wait = wait
    this.#isHanging = isHanging
    setInterval(() => this.#look(), wait / 2).unref()
  }

  /** From its first sign on, until it ends. */
  watch(worker: Worker): void {
    worker.on('message', message => void (isAliveMessage(message) && this.#last.set(worker, performance.now())))
    worker.once('exit', () => this.#last.delete(worker))
  }

  #look(): void {
    const [before, now] = [this.#looked, performance.now()]
    this.#looked = now
    // We have been asleep ourselves: what they have said is still to be read.
    if (now - before > this.#wait) return
    for (const [worker, last] of this.#last) {
      if (now - last <= this.#wait) continue
      this.#last.delete(worker)
      this.#isHanging(worker)
    }
  }
}
