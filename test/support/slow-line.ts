import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { run, RunningProgram } from './running-program.ts'

const folder = new URL('slow-line/', import.meta.url)

/** Two network namespaces with a line of so many Mbit/s between them. Linux, as root. */
export class SlowLine implements AsyncDisposable {
  static readonly serverAddress = '10.199.0.1'
  readonly #names: readonly [string, string]

  private constructor(names: readonly [string, string]) {
    this.#names = names
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(megabits: number): Promise<SlowLine> {
    const id = randomBytes(3).toString('hex')
    const names = [`rtmpipe-${id}-a`, `rtmpipe-${id}-b`] as const
    const line = new SlowLine(names)
    try {
      for (const name of names) await ip('netns', 'add', name)
      await ip('-n', names[0], 'link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', names[1])
      for (const [index, name] of names.entries()) {
        await ip('-n', name, 'addr', 'add', `10.199.0.${index + 1}/24`, 'dev', 'line')
        await ip('-n', name, 'link', 'set', 'line', 'up')
        await ip('-n', name, 'link', 'set', 'lo', 'up')
      }
      const rate = ['rate', `${megabits}mbit`, 'burst', '16kb', 'latency', '100ms']
      await run('tc', ['-n', names[0], 'qdisc', 'add', 'dev', 'line', 'root', 'tbf', ...rate])
      return line
    } catch (error) {
      await line[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Runs one of the programs in `slow-line/` at the server's or the player's end. */
  run(end: 'server' | 'player', script: string, ...args: readonly string[]): RunningProgram {
    const name = this.#names[end === 'server' ? 0 : 1] as string
    const node = [process.execPath, fileURLToPath(new URL(script, folder)), ...args]
    return new RunningProgram({ name: script, file: 'ip', args: ['netns', 'exec', name, ...node], limit: 60_000 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await ip('netns', 'del', name).catch(() => {})
  }
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args)
}
