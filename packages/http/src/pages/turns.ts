/** Lets so many do something at a time, and so many wait for it; beyond, nobody is let in. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** @returns undefined when too many wait already */
  take<T>(act: () => Promise<T>): Promise<T> | undefined {
    if (this.#running < this.#most) {
      this.#running += 1
      return this.#run(act)
    }
    if (this.#waiting.length >= this.#mostWaiting) return undefined
    return new Promise<void>(resolve => this.#waiting.push(resolve)).then(() => this.#run(act))
  }

  async #run<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } finally {
      const next = this.#waiting.shift()
      // Whoever comes next has this one's turn.
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
