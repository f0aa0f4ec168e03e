import { randomBytes } from 'node:crypto'

/** Ids of things that have none of their own, for as long as they are there. */
export class Ids {
  readonly #ids = new WeakMap<object, string>()

  of(thing: object): string {
    const known = this.#ids.get(thing)
    if (known !== undefined) return known
    const id = randomBytes(9).toString('base64url')
    this.#ids.set(thing, id)
    return id
  }
}
