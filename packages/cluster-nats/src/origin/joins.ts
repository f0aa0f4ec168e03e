import type { JoinRequest } from '../wire/join-messages.ts'
import { joinTime, maxJoins } from './limits.ts'

/** Who follows a stream. */
export class Joins {
  /** When each is over unless it is renewed, by {@link keyOf}, the next first. */
  readonly #ends = new Map<string, number>()

  get size(): number {
    return this.#ends.size
  }

  /** False when there would be too many. */
  add(request: JoinRequest, now: number): boolean {
    const key = keyOf(request)
    if (!this.#ends.delete(key) && this.#ends.size >= maxJoins) return false
    this.#ends.set(key, now + joinTime)
    return true
  }

  delete(request: JoinRequest): void {
    this.#ends.delete(keyOf(request))
  }

  /** Forgets who has not renewed in time. */
  expire(now: number): void {
    for (const [key, end] of this.#ends) {
      if (end > now) break
      this.#ends.delete(key)
    }
  }

  clear(): void {
    this.#ends.clear()
  }
}

/** The same for the same join of the same node. */
export function keyOf({ node, join }: JoinRequest): string {
  return `${node}.${join}`
}
