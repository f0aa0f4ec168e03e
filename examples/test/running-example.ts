import { fileURLToPath } from 'node:url'
import { connect, type RtmpClient } from 'rtmpipe'
import { RunningProgram } from '../../test/support/running-program.ts'

/** One of the examples in a process of its own, on free ports. */
export class RunningExample implements AsyncDisposable {
  /** As the example printed them. */
  readonly ports: readonly number[]
  readonly #program: RunningProgram

  private constructor(program: RunningProgram, ports: readonly number[]) {
    this.#program = program
    this.ports = ports
  }

  /** Resolves when the example says that it is ready. */
  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<RunningExample> {
    const file = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url))
    const program = new RunningProgram({ name, file: process.execPath, args: [file], env: { PORT: '0', ...env } })
    try {
      const [, ports = ''] = await program.waitForLine(/^ready on ports? ([\d ]+)$/)
      return new RunningExample(program, ports.split(' ').map(Number))
    } catch (error) {
      await program[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The next line, or one before, that is like this. */
  waitForLine(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#program.waitForLine(pattern)
  }

  /** A client on the example's first port. */
  connect(scheme: 'rtmp' | 'rtmpt', app: string): Promise<RtmpClient> {
    return connect(`${scheme}://127.0.0.1:${this.ports[0]}/${app}`)
  }

  /** Asks it to end, which it must do with exit code 0 whoever is connected. */
  async stop(): Promise<void> {
    this.#program.kill('SIGTERM')
    await this.#program.finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}
