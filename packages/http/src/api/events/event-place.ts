/**
 * Where somebody is in the events of a server: `id:` of each event, and `Last-Event-ID` of who comes back. Numbers begin
 * anew when a server does, so the time of its start stands before them: `mf3k2x8-17`.
 */
export class EventPlace {
  readonly #server: string

  /** @param since when the server started, ISO 8601 */
  constructor(since: string) {
    this.#server = Date.parse(since).toString(36)
  }

  text(id: number): string {
    return `${this.#server}-${id}`
  }

  /**
   * The number of the last event that somebody has seen. Undefined when it was one of another server, which has ended; a
   * number alone is taken for one of this server.
   */
  idOf(text: string): number | undefined {
    const [, server, id = ''] = placePattern.exec(text) ?? []
    return server === undefined || server === this.#server ? Number(id) : undefined
  }
}

const placePattern = /^(?:([a-z0-9]{1,12})-)?(\d{1,15})$/

/** True of what {@link EventPlace.text} makes. */
export function isEventPlace(text: string): boolean {
  return placePattern.test(text)
}
