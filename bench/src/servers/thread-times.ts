import { readdirSync, readFileSync } from 'node:fs'

/** CPU that a process has taken until a moment, in milliseconds. */
export interface CpuTimes {
  /** On `performance.now()`'s clock. */
  readonly at: number
  readonly main: number
  /** Of all its other threads together. */
  readonly others: number
}

/** Milliseconds between two looks. */
const interval = 200
/** Linux counts in these, in milliseconds. */
const tick = 10

/** Notes, several times a second, what the threads of a process have taken. */
export class ThreadTimes implements Disposable {
  readonly #pid: number
  readonly #noted: CpuTimes[] = []
  readonly #timer: NodeJS.Timeout

  constructor(pid: number) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#note(), interval)
  }

  get noted(): readonly CpuTimes[] {
    return this.#noted
  }

  #note(): void {
    const folder = `/proc/${this.#pid}/task`
    try {
      const times = readdirSync(folder).map(id => [id, cpuOf(readFileSync(`${folder}/${id}/stat`, 'utf8'))] as const)
      const all = times.reduce((sum, [, cpu]) => sum + cpu, 0)
      const main = times.find(([id]) => id === String(this.#pid))?.[1] ?? 0
      this.#noted.push({ at: performance.now(), main, others: all - main })
    } catch {
      // The process or one of its threads has just ended.
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** Milliseconds of CPU, of the user and of the system, in a thread's `stat` (proc_pid_stat(5), fields 14 and 15). */
export function cpuOf(stat: string): number {
  // The second field is the name, which may contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tick
}
