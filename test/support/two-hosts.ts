import { randomBytes } from 'node:crypto'
import { run, type Program, RunningProgram } from './running-program.ts'

/** Which of the two, by what runs there. */
export type End = 'server' | 'client'

/** Two network namespaces with a line between them, which is all they have. Linux, as root. */
export class TwoHosts implements AsyncDisposable {
  static readonly serverAddress = '10.199.0.1'
  readonly #names: Readonly<Record<End, string>>

  private constructor(names: Readonly<Record<End, string>>) {
    this.#names = names
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(): Promise<TwoHosts> {
    const id = randomBytes(3).toString('hex')
    const names = { server: `rtmpipe-${id}-a`, client: `rtmpipe-${id}-b` }
    const hosts = new TwoHosts(names)
    try {
      for (const name of Object.values(names)) await run('ip', ['netns', 'add', name])
      const line = ['link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', names.client]
      await run('ip', ['-n', names.server, ...line])
      for (const [index, name] of Object.values(names).entries()) {
        await run('ip', ['-n', name, 'addr', 'add', `10.199.0.${index + 1}/24`, 'dev', 'line'])
        await run('ip', ['-n', name, 'link', 'set', 'line', 'up'])
        await run('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
      }
      return hosts
    } catch (error) {
      await hosts[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Gives a program one of the hosts for its network. */
  run(end: End, program: Program): RunningProgram {
    const { name = program.file, file, args } = program
    return new RunningProgram({
      ...program,
      name,
      file: 'ip',
      args: ['netns', 'exec', this.#names[end], file, ...args],
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of Object.values(this.#names)) await run('ip', ['netns', 'del', name]).catch(() => {})
  }
}
