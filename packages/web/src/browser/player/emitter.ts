/** Events by name, with what their listeners are given. */
type EventMap<Events> = Record<keyof Events, readonly unknown[]>

type Listener<Values extends readonly unknown[]> = (...values: Values) => void

/** Tells its listeners what happens; one that throws keeps nobody else from hearing it. */
export class Emitter<Events extends EventMap<Events>> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  /** Calls `listener` with each event of that name. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const known = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, known.add(listener))
    return this
  }

  /** No more. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#listeners.get(name)?.delete(listener)
    return this
  }

  /** Calls `listener` with the next event of that name. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const only: Listener<Events[Name]> = (...values) => {
      this.off(name, only)
      listener(...values)
    }
    return this.on(name, only)
  }

  protected emit<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;(listener as Listener<Events[Name]>)(...values)
      } catch (error) {
        reportError(error)
      }
    }
  }
}
