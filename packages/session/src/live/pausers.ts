/** Who asks a publisher to pause, and the wait until nobody does any more. */
export class Pausers {
  readonly #pausers = new Set<object>()
  #wakeWriter: (() => void) | undefined
  #writable: Promise<void> | undefined

  get isEmpty(): boolean {
    return this.#pausers.size === 0
  }

  add(pauser: object): void {
    this.#pausers.add(pauser)
  }

  /** Nothing happens when it does not ask. */
  delete(pauser: object): void {
    if (!this.#pausers.delete(pauser) || !this.isEmpty) return
    this.#wakeWriter?.()
    this.#wakeWriter = this.#writable = undefined
  }

  /** Resolves when there are none any more. */
  writable(): Promise<void> {
    if (this.isEmpty) return Promise.resolve()
    this.#writable ??= new Promise(resolve => {
      this.#wakeWriter = resolve
    })
    return this.#writable
  }
}
