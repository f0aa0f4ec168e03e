/** Lets a number of tasks run at a time; the others wait and get their turns in the order in which they came. */
export class Turns {
  #free: number
  readonly #waiting = new Set<() => void>()

  /** @param max how many may run at a time */
  constructor(max: number) {
    this.#free = max
  }

  /**
   * Resolves when it is one's turn, which ends with {@link give}. @throws the reason of the signal, if that comes first
   */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.delete(enter)
        reject(signal.reason as Error)
      }
      this.#waiting.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** Ends a turn that was taken. */
  give(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
