import { maxPendingCallbacks } from './callback-options.ts'

/** Runs the work of each owner in order, one after another; owners do not wait for each other. */
export class CallbackQueue {
  readonly #max: number
  readonly #tails = new WeakMap<object, Promise<unknown>>()
  readonly #pending = new Set<Promise<unknown>>()

  constructor(max: number = maxPendingCallbacks) {
    this.#max = max
  }

  /** Resolves with what `work` does, when its turn has come. @throws Error when too much waits already */
  async run<T>(owner: object, work: () => Promise<T>): Promise<T> {
    if (this.#pending.size >= this.#max) throw new Error(`${this.#max} requests are waiting already`)
    const before = this.#tails.get(owner)
    const running = before === undefined ? work() : before.then(work, work)
    this.#tails.set(owner, running)
    this.#pending.add(running)
    try {
      return await running
    } finally {
      this.#pending.delete(running)
      if (this.#tails.get(owner) === running) this.#tails.delete(owner)
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }
}
