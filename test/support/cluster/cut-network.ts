import { randomBytes, randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { NatsBinary } from '../nats-server.ts'
import { run, RunningProgram } from '../running-program.ts'
import { TemporaryFolder } from '../temporary-folder.ts'

/** A way to the nats-server. */
export type Line = 'first' | 'second'
const lines = ['first', 'second'] as const

/**
 * A nats-server on a host of its own, to which two lines go from here, each of which can be cut: then nothing gets through,
 * and nobody is told. Linux, as root.
 */
export class CutNetwork implements AsyncDisposable {
  readonly #id = randomBytes(3).toString('hex')
  /** Of the addresses: 10.198.N.*, 10.198.N+1.*. */
  readonly #net = 2 * randomInt(127)
  readonly #password = randomBytes(9).toString('base64url')
  readonly #folder: TemporaryFolder
  #server: RunningProgram | undefined

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  /** @throws when this user or system can't make network namespaces */
  static async create(binary: NatsBinary): Promise<CutNetwork> {
    const network = new CutNetwork(await TemporaryFolder.create())
    try {
      await network.#build()
      await network.#start(binary)
      return network
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Of the nats-server, by that line. */
  url(line: Line): string {
    return `nats://node:${this.#password}@${this.#address(line, 1)}:4222`
  }

  cut(line: Line): Promise<unknown> {
    return this.#ip('link', 'set', line, 'down')
  }

  heal(line: Line): Promise<unknown> {
    return this.#ip('link', 'set', line, 'up')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
    // The lines go with their other ends.
    await run('ip', ['netns', 'del', this.#name]).catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }

  get #name(): string {
    return `rtmpipe-${this.#id}`
  }

  #address(line: Line, host: number): string {
    return `10.198.${this.#net + lines.indexOf(line)}.${host}`
  }

  async #build(): Promise<void> {
    await run('ip', ['netns', 'add', this.#name])
    for (const line of lines) {
      const here = `rp${this.#id}${lines.indexOf(line)}`
      await run('ip', ['link', 'add', here, 'type', 'veth', 'peer', 'name', line, 'netns', this.#name])
      await run('ip', ['addr', 'add', `${this.#address(line, 2)}/24`, 'dev', here])
      await run('ip', ['link', 'set', here, 'up'])
      await this.#ip('addr', 'add', `${this.#address(line, 1)}/24`, 'dev', line)
      await this.heal(line)
    }
  }

  async #start({ file }: NatsBinary): Promise<void> {
    const config = this.#folder.file('nats.conf')
    const users = `authorization { user: node, password: "${this.#password}" }`
    const store = `jetstream { store_dir: "${this.#folder.path}" }`
    await writeFile(config, `listen: "0.0.0.0:4222"\nping_interval: "1s"\n${users}\n${store}\n`)
    const args = ['netns', 'exec', this.#name, file, '-c', config]
    this.#server = new RunningProgram({ name: 'nats-server', file: 'ip', args, limit: 120_000 })
    await this.#server.waitForLine(/Server is ready/)
  }

  #ip(...words: readonly string[]): Promise<unknown> {
    return run('ip', ['-n', this.#name, ...words])
  }
}
