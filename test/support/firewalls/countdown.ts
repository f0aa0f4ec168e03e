/** Resolves when something has happened so many times. */
export class Countdown {
  readonly done: Promise<void>
  #left: number
  #resolve!: () => void

  constructor(times: number) {
    this.#left = times
    this.done = new Promise(resolve => (this.#resolve = resolve))
    if (times === 0) this.#resolve()
  }

  one(): void {
    this.#left -= 1
    if (this.#left === 0) this.#resolve()
  }
}
