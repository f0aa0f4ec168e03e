import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** What to run, and how long it may take. */
export interface Program {
  /** Name for failure messages; the default is the file. */
  readonly name?: string
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until it is killed and counts as failed; the default is 25 s. */
  readonly limit?: number
}

/** How a program ended, and all that it wrote. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

interface Waiter {
  readonly pattern: RegExp
  readonly accept?: ((match: RegExpMatchArray) => boolean) | undefined
  readonly resolve: (match: RegExpMatchArray) => void
  readonly reject: (error: Error) => void
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * A child process whose output lines can be awaited. It never outlives its limit, its scope (`await using`) or this
 * process, and every failure shows its command line and the end of what it wrote.
 */
export class RunningProgram implements AsyncDisposable {
  readonly exited: Promise<Exit>
  readonly pid: number | undefined
  readonly #program: Program
  readonly #child: ChildProcess
  readonly #stdout: string[] = []
  readonly #stderr: string[] = []
  readonly #waiters = new Set<Waiter>()
  #end: string | undefined

  constructor(program: Program) {
    this.#program = program
    const { file, args, env, limit = 25_000 } = program
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    running.add(child)
    this.#child = child
    this.pid = child.pid
    this.#readLines(child.stdout, this.#stdout)
    this.#readLines(child.stderr, this.#stderr)
    const timer = setTimeout(() => {
      this.#end = `took longer than ${limit} ms`
      child.kill('SIGKILL')
    }, limit)
    this.exited = new Promise((resolve, reject) => {
      const settle = (end: string, done: () => void): void => {
        clearTimeout(timer)
        running.delete(child)
        this.#end ??= end
        for (const waiter of this.#waiters) waiter.reject(this.failure(`while waiting for ${waiter.pattern}`))
        this.#waiters.clear()
        done()
      }
      child.once('error', error => settle(error.message, () => reject(this.failure('did not start'))))
      child.once('close', (code, signal) =>
        settle(`ended with ${signal ?? `exit code ${code}`}`, () =>
          resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }),
        ),
      )
    })
    // A program that nobody waits for any more must not end the test run with an unhandled rejection.
    this.exited.catch(() => {})
  }

  /** Resolves with the first line, past or future, of either output that matches; rejects when the program ends first. */
  waitForLine(pattern: RegExp, accept?: (match: RegExpMatchArray) => boolean): Promise<RegExpMatchArray> {
    for (const line of [...this.#stdout, ...this.#stderr]) {
      const match = line.match(pattern)
      if (match !== null && (accept?.(match) ?? true)) return Promise.resolve(match)
    }
    if (this.#end !== undefined) return Promise.reject(this.failure(`without a line like ${pattern}`))
    return new Promise((resolve, reject) => this.#waiters.add({ pattern, accept, resolve, reject }))
  }

  /** Resolves when the program ended by itself with one of these exit codes; any other end is an error. */
  async finish(...codes: readonly number[]): Promise<Exit> {
    const exit = await this.exited
    if (exit.code === null || !(codes.length === 0 ? [0] : codes).includes(exit.code)) throw this.failure()
    return exit
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  /** An error that tells how the program ended and what it wrote last. */
  failure(when = ''): Error {
    const { name, file, args } = this.#program
    const tail = [...this.#stdout.slice(-5), ...this.#stderr.slice(-25)].map(line => `    ${line.slice(0, 400)}`)
    const end = this.#end ?? 'is still running'
    return new Error(`${name ?? file} ${end} ${when}\n  ${file} ${args.join(' ')}\n${tail.join('\n')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited.catch(() => {})
  }

  #readLines(input: Readable, lines: string[]): void {
    createInterface({ input, crlfDelay: Infinity }).on('line', line => {
      if (line === '') return
      lines.push(line)
      for (const waiter of this.#waiters) {
        const match = line.match(waiter.pattern)
        if (match === null || waiter.accept?.(match) === false) continue
        this.#waiters.delete(waiter)
        waiter.resolve(match)
      }
    })
  }
}

/** Runs a program to its end and returns what it wrote; any exit code but 0 is an error. */
export async function run(file: string, args: readonly string[], options: Partial<Program> = {}): Promise<Exit> {
  await using program = new RunningProgram({ ...options, file, args })
  return await program.finish()
}
