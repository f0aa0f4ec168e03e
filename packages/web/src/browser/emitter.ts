/** What an object tells, by name, with the values that listeners are given. */
type Listener<Values extends readonly unknown[]> = (...values: Values) => void

/** Tells listeners what happens; nobody needs to listen, not even for errors. */
export class Emitter<Events extends { [Name in keyof Events]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  /** Calls `listener` whenever that happens. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(listener))
    return this
  }

  /** No more of that. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#listeners.get(name)?.delete(listener)
    return this
  }

  /** For the class that extends this one. */
  protected tell<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Events[Name]>)(...values)
  }
}
