import { randomBytes } from 'node:crypto'
import type { Reports } from '../../report/reports.ts'

/** Shared by all ports of a server: who comes back may come by another. */
const places = new WeakMap<Reports, EventPlace>()

/**
 * Where somebody is in the events of a server: `id:` of each event, and `Last-Event-ID` of who comes back. Numbers begin
 * anew with whoever counts them, so a name of that stands before them: `6f1d09ab27c4-17`. The start of the server would not
 * do: of several processes, the one that counts may be younger than the others.
 */
export class EventPlace {
  readonly #server: string

  /** Those of the events that somebody tells. */
  static of(reports: Reports): EventPlace {
    const known = places.get(reports)
    if (known !== undefined) return known
    const place = new EventPlace()
    places.set(reports, place)
    return place
  }

  /** @param server up to 12 small letters and digits */
  constructor(server: string = randomBytes(6).toString('hex')) {
    this.#server = server
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
