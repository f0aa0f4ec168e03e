import type { SpentChallenges } from '@rtmpipe/plugins/auth'
import type { WorkerLine } from '@rtmpipe/cluster'
import type { LedgerAnswer, LedgerRequest } from './messages.ts'

/** What workers count together, in the process that started them. It holds nothing of workers that have gone. */
export class Ledger {
  readonly #lines = new Set<object>()
  /** How often each worker has entered a group. */
  readonly #groups = new Map<string, Map<object, number>>()
  #spent: Promise<SpentChallenges> | undefined

  /** Serves a worker's requests. */
  add(line: WorkerLine<LedgerAnswer, LedgerRequest>): void {
    this.#lines.add(line)
    line.onMessage(request => {
      // The last words of a worker may come after its end, when nobody would take back what they count.
      if (this.#lines.has(line)) void this.#answer(line, request)
    })
  }

  /** A request of a worker, which is its line or stands for it. @returns what it is answered */
  async handle(worker: object, request: LedgerRequest): Promise<boolean> {
    if (request.type === 'spend') return (await this.#challenges()).spend(request.id, request.end, request.max)
    if (request.type === 'enter') return this.#enter(worker, request.group, request.limit)
    this.#leave(worker, request.group)
    return true
  }

  /** A worker is gone, and all that it has counted with it. */
  remove(worker: object): void {
    this.#lines.delete(worker)
    for (const [group, counts] of this.#groups) {
      counts.delete(worker)
      if (counts.size === 0) this.#groups.delete(group)
    }
  }

  async #answer(line: WorkerLine<LedgerAnswer, LedgerRequest>, request: LedgerRequest): Promise<void> {
    const isYes = await this.handle(line, request)
    if (request.type !== 'leave') line.send({ type: 'answered', request: request.request, isYes })
  }

  #count(group: string): number {
    let count = 0
    for (const ofWorker of this.#groups.get(group)?.values() ?? []) count += ofWorker
    return count
  }

  #enter(worker: object, group: string, limit: number): boolean {
    if (this.#count(group) >= limit) return false
    const counts = this.#groups.get(group) ?? new Map<object, number>()
    this.#groups.set(group, counts.set(worker, (counts.get(worker) ?? 0) + 1))
    return true
  }

  #leave(worker: object, group: string): void {
    const counts = this.#groups.get(group)
    const count = counts?.get(worker) ?? 0
    if (count > 1) counts?.set(worker, count - 1)
    else counts?.delete(worker)
    if (counts?.size === 0) this.#groups.delete(group)
  }

  /** Loaded when somebody logs in: most servers have no logins. */
  #challenges(): Promise<SpentChallenges> {
    this.#spent ??= import('@rtmpipe/plugins/auth').then(auth => new auth.SpentChallenges())
    return this.#spent
  }
}
