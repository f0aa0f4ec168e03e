/** Names a value of a {@link Context}, and says its type. Made by {@link contextKey}. */
export interface ContextKey<T> {
  /** For people: two keys of the same name are different keys. */
  readonly name: string
  /** Never there: it carries the type of the value. */
  readonly type?: (value: T) => T
}

/**
 * A key of its own. Keep it in a constant that whoever sets and whoever reads the value import.
 *
 * @example
 * ```ts
 * export const USER = contextKey<User>('user')
 * ```
 */
export function contextKey<T>(name: string): ContextKey<T> {
  return Object.freeze({ name })
}

/**
 * What plugins have found out about a connection, a publish or a play, for later hooks to read. A publish or a play
 * that has no value of its own for a key has its connection's. It lasts as long as what it belongs to.
 */
export class Context {
  readonly #parent: Context | undefined
  /** Most have no values. */
  #values: Map<object, unknown> | undefined

  /** @param parent has the values that are not here */
  constructor(parent?: Context) {
    this.#parent = parent
  }

  /** The value, or undefined if there is none. */
  get<T>(key: ContextKey<T>): T | undefined {
    if (this.#values?.has(key) === true) return this.#values.get(key) as T
    return this.#parent?.get(key)
  }

  /** Keeps a value, instead of the one before. */
  set<T>(key: ContextKey<T>, value: T): void {
    this.#values ??= new Map()
    this.#values.set(key, value)
  }
}
