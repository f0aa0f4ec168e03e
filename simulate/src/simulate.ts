import { Presets, SingleBar } from 'cli-progress'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Shape } from './shape.ts'
import { addTally, newTally, type Tally } from './tally.ts'
import type { Task } from './worker.ts'

/** Many schedules. */
export interface Simulation {
  readonly seed: number
  readonly shape: Shape
  readonly schedules: number
  /** Processors to use. Default: all. */
  readonly workers?: number | undefined
}

/** Runs schedules on all processors, with a bar on a terminal and a line now and then elsewhere. */
export async function simulate({
  seed,
  shape,
  schedules,
  workers = availableParallelism(),
}: Simulation): Promise<Tally> {
  const sum = newTally()
  const progress = new Progress(schedules)
  const every = Math.min(workers, schedules)
  const run = (first: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: Task = { seed, shape, first, count: schedules, every }
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
      worker.on('message', (tally: Tally) => {
        addTally(sum, tally)
        progress.show(sum)
      })
      worker.on('error', reject)
      worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a worker ended with code ${code}`))))
    })
  try {
    await Promise.all(Array.from({ length: every }, (_, first) => run(first)))
  } finally {
    progress.stop()
  }
  return sum
}

/** Milliseconds between two lines where there is no terminal. */
const linePeriod = 30_000

class Progress {
  readonly #total: number
  readonly #bar: SingleBar | undefined
  #shownAt = performance.now()

  constructor(total: number) {
    this.#total = total
    if (!process.stderr.isTTY || total < 2) return
    const format = '{bar} {percentage}% | {value} of {total} schedules | {eta_formatted} left | {violations} violations'
    const options = { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100 }
    this.#bar = new SingleBar(options, Presets.shades_classic)
    this.#bar.start(total, 0, { violations: 0 })
  }

  show({ schedules, violations }: Tally): void {
    this.#bar?.update(schedules, { violations: violations.length })
    if (this.#bar !== undefined || performance.now() - this.#shownAt < linePeriod) return
    this.#shownAt = performance.now()
    process.stderr.write(`${schedules} of ${this.#total} schedules, ${violations.length} violations\n`)
  }

  stop(): void {
    this.#bar?.stop()
  }
}
