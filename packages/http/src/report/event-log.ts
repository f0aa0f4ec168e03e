import { Newest } from './newest.ts'
import type { ServerEvent } from './report.ts'

/** An event before it has its place in the order. */
export type NewEvent = Omit<ServerEvent, 'id'>

/** Numbers events, keeps the newest, and tells of them. */
export class EventLog {
  readonly #kept = new Newest<ServerEvent>()
  readonly #followers = new Set<(event: ServerEvent) => void>()
  #count = 0

  add(event: NewEvent): void {
    const numbered = { id: ++this.#count, ...event }
    this.#kept.add(numbered)
    for (const take of this.#followers) take(numbered)
  }

  /**
   * Tells of the events after that of an id, as far as they are kept, and then of those that come.
   *
   * @param after an id of before a restart counts as none that is kept. Default: only those that come are told
   * @returns a function that ends it
   */
  follow(take: (event: ServerEvent) => void, after?: number): () => void {
    if (after !== undefined) {
      const from = after > this.#count ? 0 : after
      for (const event of this.#kept) if (event.id > from) take(event)
    }
    this.#followers.add(take)
    return () => void this.#followers.delete(take)
  }
}
