/** What a {@link Heartbeat} looks after. */
export interface Beating {
  /** An interval is over: asks the peer for a sign of life, or ends the connection when none came since the last time. */
  beat(): void
}

/** One timer for all connections of a listener. It runs only while there are any. */
export class Heartbeat {
  readonly #interval: number
  readonly #all = new Set<Beating>()
  #timer: NodeJS.Timeout | undefined

  /** @param interval in milliseconds */
  constructor(interval: number) {
    this.#interval = interval
  }

  watch(one: Beating): void {
    this.#all.add(one)
    this.#timer ??= setInterval(() => {
      for (const each of this.#all) each.beat()
    }, this.#interval).unref()
  }

  forget(one: Beating): void {
    this.#all.delete(one)
    if (this.#all.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
