import type { WorkerLine } from '@rtmpipe/cluster'
import type { LedgerAnswer, LedgerQuestion, LedgerRequest } from './messages.ts'

/** A worker's way to the ledger of the primary. Without the primary the worker ends, so every question has its answer. */
export class LedgerLine {
  readonly #line: WorkerLine<LedgerRequest, LedgerAnswer>
  readonly #asked = new Map<number, (isYes: boolean) => void>()
  #requests = 0

  constructor(line: WorkerLine<LedgerRequest, LedgerAnswer>) {
    this.#line = line
    line.onMessage(({ request, isYes }) => {
      this.#asked.get(request)?.(isYes)
      this.#asked.delete(request)
    })
  }

  /** Marks a challenge as answered; false if it was before. */
  spend(id: string, end: number, max: number): Promise<boolean> {
    return this.#ask({ type: 'spend', id, end, max })
  }

  /** Counts one more in a group, unless as many are in it already. */
  enter(group: string, limit: number): Promise<boolean> {
    return this.#ask({ type: 'enter', group, limit })
  }

  /** Takes back one that entered. */
  leave(group: string): void {
    this.#line.send({ type: 'leave', group })
  }

  #ask(question: LedgerQuestion): Promise<boolean> {
    const request = ++this.#requests
    return new Promise(resolve => {
      this.#asked.set(request, resolve)
      this.#line.send({ ...question, request })
    })
  }
}
