import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Progress } from './progress.ts'
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
  /** Is told how far it is; it may be shared by many simulations. */
  readonly progress?: Progress
}

/** Runs schedules on all processors. */
export async function simulate({
  seed,
  shape,
  schedules,
  workers = availableParallelism(),
  progress,
}: Simulation): Promise<Tally> {
  const sum = newTally()
  const every = Math.min(workers, schedules)
  const run = (first: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: Task = { seed, shape, first, count: schedules, every }
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
      worker.on('message', (tally: Tally) => {
        addTally(sum, tally)
        progress?.add(seed, tally)
      })
      worker.on('error', reject)
      worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a worker ended with code ${code}`))))
    })
  await Promise.all(Array.from({ length: every }, (_, first) => run(first)))
  return sum
}
