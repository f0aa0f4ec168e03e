import { fileURLToPath } from 'node:url'
import type { RunningProgram } from './running-program.ts'
import { TwoHosts } from './two-hosts.ts'

const folder = new URL('slow-line/', import.meta.url)

/** Two network namespaces with a line of so many Mbit/s between them. Linux, as root. */
export class SlowLine implements AsyncDisposable {
  static readonly serverAddress: string = TwoHosts.serverAddress
  readonly #hosts: TwoHosts

  private constructor(hosts: TwoHosts) {
    this.#hosts = hosts
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(megabits: number): Promise<SlowLine> {
    const hosts = await TwoHosts.create()
    try {
      const rate = ['rate', `${megabits}mbit`, 'burst', '16kb', 'latency', '100ms']
      const args = ['qdisc', 'add', 'dev', 'line', 'root', 'tbf', ...rate]
      await hosts.run('server', { file: 'tc', args }).finish()
      return new SlowLine(hosts)
    } catch (error) {
      await hosts[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Runs one of the programs in `slow-line/` at the server's or the player's end. */
  run(end: 'server' | 'player', script: string, ...args: readonly string[]): RunningProgram {
    const words = [fileURLToPath(new URL(script, folder)), ...args]
    const program = { name: script, file: process.execPath, args: words, limit: 60_000 }
    return this.#hosts.run(end === 'server' ? 'server' : 'client', program)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#hosts[Symbol.asyncDispose]()
  }
}
