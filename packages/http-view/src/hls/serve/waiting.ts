import type { Answer } from './answer.ts'
import { HlsRefusal } from './hls-refusal.ts'

interface Waiter {
  /** What there is by now; throws HlsRefusal if it will never be. */
  readonly check: () => Answer | undefined
  readonly done: (answer: Answer | HlsRefusal) => void
  /** Milliseconds, by the clock of who asks. */
  readonly until: number
  readonly owner: object
}

/** Requests for what does not exist yet. All are looked at whenever something has come. */
export class Waiting {
  #waiters = new Set<Waiter>()

  get size(): number {
    return this.#waiters.size
  }

  /** @returns gives up the wait without an answer: who asked has left */
  add(waiter: Waiter): () => void {
    this.#waiters.add(waiter)
    return () => void this.#waiters.delete(waiter)
  }

  /** Something has come. */
  look(): void {
    for (const waiter of this.#waiters) {
      const answer = attempt(waiter.check)
      if (answer !== undefined) this.#answer(waiter, answer)
    }
  }

  /** Refuses those whose time is over. */
  expire(now: number): void {
    for (const waiter of this.#waiters)
      if (waiter.until <= now) this.#answer(waiter, new HlsRefusal(503, 'what was asked for did not come in time'))
  }

  /** Refuses all of an owner, or all there are. */
  refuse(refusal: HlsRefusal, owner?: object): void {
    for (const waiter of this.#waiters) if (owner === undefined || waiter.owner === owner) this.#answer(waiter, refusal)
  }

  #answer(waiter: Waiter, answer: Answer | HlsRefusal): void {
    this.#waiters.delete(waiter)
    waiter.done(answer)
  }
}

function attempt(check: () => Answer | undefined): Answer | HlsRefusal | undefined {
  try {
    return check()
  } catch (error) {
    if (error instanceof HlsRefusal) return error
    throw error
  }
}
