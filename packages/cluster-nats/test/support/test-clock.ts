import type { Clock } from '../../src/contract/clock.ts'

/** Time that passes when a test says so. */
export class TestClock implements Clock {
  #now = 1_000
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  /** Timers that have not run. */
  get waiting(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  random(): number {
    return 0.5
  }

  /** Lets time pass, and runs in order what becomes due. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(next.at, this.#now)
      next.run()
    }
    this.#now = end
  }
}
