import type { SpentChallenges } from '@rtmpipe/plugins/auth'
import type { LedgerRequest } from './messages.ts'

/** What workers count together, in the process that started them. It holds nothing of workers that have gone. */
export class Ledger {
  /** How often each worker has entered a group. */
  readonly #groups = new Map<string, Map<object, number>>()
  #spent: Promise<SpentChallenges> | undefined

  /** @returns what the worker is answered */
  async handle(worker: object, request: LedgerRequest): Promise<boolean> {
    if (request.type === 'spend') return (await this.#challenges()).spend(request.id, request.end, request.max)
    if (request.type === 'enter') return this.#enter(worker, request.group, request.limit)
    if (request.type === 'room') return this.#count(request.group) < request.limit
    this.#leave(worker, request.group)
    return true
  }

  /** A worker is gone, and all that it has counted with it. */
  remove(worker: object): void {
    for (const [group, counts] of this.#groups) {
      counts.delete(worker)
      if (counts.size === 0) this.#groups.delete(group)
    }
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
