import { parentPort, workerData } from 'node:worker_threads'
import { Schedule } from './schedule.ts'
import type { Shape } from './shape.ts'
import { addTally, newTally } from './tally.ts'

/** What a worker is to do. */
export interface Task {
  readonly seed: number
  readonly shape: Shape
  /** The first number, how many in all, and every how manieth is its own. */
  readonly first: number
  readonly count: number
  readonly every: number
}

/** Milliseconds between two reports. */
const period = 500

// Many errors are made on the way, and a schedule that fails is run again where all of the stack is seen.
Error.stackTraceLimit = 0

const { seed, shape, first, count, every } = workerData as Task
let tally = newTally()
let reportedAt = performance.now()
for (let number = first; number < count; number += every) {
  addTally(tally, await new Schedule({ seed, number, shape }).run())
  if (performance.now() - reportedAt < period) continue
  parentPort?.postMessage(tally)
  tally = newTally()
  reportedAt = performance.now()
}
parentPort?.postMessage(tally)
