import { Presets, SingleBar } from 'cli-progress'

/** What is being measured and how long it will take: a bar on a terminal, a line per step elsewhere. On stderr. */
export class Progress {
  readonly #bar: SingleBar | undefined
  readonly #total: number
  #done = 0
  #label = ''
  #started = 0
  #expected = 0
  #ticker: NodeJS.Timeout | undefined

  /** @param total seconds that all steps together are expected to take */
  constructor(total: number) {
    this.#total = Math.ceil(total)
    if (!process.stderr.isTTY) return
    const format = '{bar} {percentage}% | {left} left | {label}'
    const options = { format, stream: process.stderr, hideCursor: true, clearOnComplete: true }
    this.#bar = new SingleBar(options, Presets.shades_classic)
    this.#bar.start(this.#total, 0, { label: '', left: clock(total) })
    this.#ticker = setInterval(() => this.#update(), 500)
  }

  /** The next thing to be measured, in seconds. */
  start(label: string, seconds: number): void {
    this.#label = label
    this.#expected = seconds
    this.#started = performance.now()
    this.#update()
  }

  /** It has been. */
  finish(outcome: string): void {
    const took = (performance.now() - this.#started) / 1000
    this.#done += this.#expected
    this.#expected = 0
    this.#update()
    if (this.#bar === undefined) {
      process.stderr.write(
        `[${clock(this.#total - this.#done)} left] ${this.#label}: ${outcome} (${took.toFixed(1)} s)\n`,
      )
    }
  }

  stop(): void {
    clearInterval(this.#ticker)
    this.#bar?.stop()
  }

  #update(): void {
    const passed = Math.min(this.#expected, (performance.now() - this.#started) / 1000)
    const value = Math.min(this.#total, this.#done + passed)
    this.#bar?.update(value, { label: this.#label, left: clock(this.#total - value) })
  }
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
