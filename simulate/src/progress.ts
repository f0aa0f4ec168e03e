import { Presets, SingleBar } from 'cli-progress'
import type { Tally } from './tally.ts'

/** Milliseconds between two lines where there is no terminal. */
const linePeriod = 30_000

/** How far many schedules are: a bar on a terminal, a line now and then elsewhere; and what has gone wrong, at once. */
export class Progress {
  readonly #total: number
  readonly #bar: SingleBar | undefined
  readonly #startedAt = performance.now()
  #shownAt = performance.now()
  #schedules = 0
  #violations = 0

  constructor(total: number) {
    this.#total = total
    if (!process.stderr.isTTY || total < 2) return
    const format = '{bar} {percentage}% | {value} of {total} schedules | {eta_formatted} left | {violations} violations'
    const options = { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100 }
    this.#bar = new SingleBar(options, Presets.shades_classic)
    this.#bar.start(total, 0, { violations: 0 })
  }

  /** Some more have been run with a seed. */
  add(seed: number, { schedules, violations }: Pick<Tally, 'schedules' | 'violations'>): void {
    this.#schedules += schedules
    this.#violations += violations.length
    for (const { number, invariant, text } of violations)
      process.stderr.write(
        `${this.#bar === undefined ? '' : '\r\x1b[K'}--only ${seed}:${number} (${invariant}) ${text}\n`,
      )
    this.#bar?.update(this.#schedules, { violations: this.#violations })
    const now = performance.now()
    if (this.#bar !== undefined || now - this.#shownAt < linePeriod) return
    this.#shownAt = now
    const left = ((now - this.#startedAt) / 60_000) * (this.#total / this.#schedules - 1)
    process.stderr.write(
      `${this.#schedules} of ${this.#total} schedules, ${this.#violations} violations, ${left.toFixed(1)} minutes left\n`,
    )
  }

  stop(): void {
    this.#bar?.stop()
  }
}
