import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, closeSync, readFileSync } from 'node:fs'

const running = new Set<Child>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A program that is ended, with all that it started, at the end of its scope (`await using`) or of this process. */
export class Child implements AsyncDisposable {
  readonly pid: number
  /** When it was, on `performance.now()`'s clock. */
  readonly started: number = performance.now()
  /** Resolves with the exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  readonly #process: ChildProcess
  readonly #log: string
  #ended = false

  /** @param log file for whatever it writes, which is cheaper for it than a pipe to us */
  constructor(file: string, args: readonly string[], log: string, options: { readonly cwd?: string } = {}) {
    const output = openSync(log, 'a')
    this.#process = spawn(file, args, { ...options, stdio: ['ignore', output, output] })
    closeSync(output)
    this.#log = log
    this.pid = this.#process.pid ?? 0
    running.add(this)
    this.exited = new Promise((resolve, reject) => {
      this.#process.once('error', error => {
        this.#forget()
        reject(error)
      })
      this.#process.once('exit', (code, signal) => {
        this.#forget()
        resolve(signal ?? code ?? 1)
      })
    })
    // Whoever needs to know awaits it.
    this.exited.catch(() => {})
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Itself and its descendants, as far as the system tells. */
  get pids(): number[] {
    return this.#ended ? [] : [this.pid, ...descendants(this.pid)]
  }

  /** What it wrote. */
  get output(): string {
    return readFileSync(this.#log, 'utf8')
  }

  /** The end of it. */
  get lastLines(): string {
    return this.output.trimEnd().split('\n').slice(-3).join(' / ').slice(-400)
  }

  kill(signal: NodeJS.Signals): void {
    for (const pid of this.pids) signalProcess(pid, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return
    const pids = this.pids
    const patience = setTimeout(() => {
      for (const pid of pids) signalProcess(pid, 'SIGKILL')
    }, 3_000)
    signalProcess(this.pid, 'SIGTERM')
    await this.exited.catch(() => {})
    clearTimeout(patience)
  }

  #forget(): void {
    this.#ended = true
    running.delete(this)
  }
}

function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number)
    return children.flatMap(child => [child, ...descendants(child)])
  } catch {
    return []
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}
