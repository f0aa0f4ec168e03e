import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestContext } from 'vitest'
import { freePort, portAnswers } from './free-port.ts'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** Debian 12's is there, but too old for several servers. */
const firstForSeveral = [2, 10] as const

/** A binary, and which it is. */
export interface NatsBinary {
  readonly file: string
  readonly version: string
}

/** What a test may want of its servers. */
export interface NatsServersOptions {
  /** 1 or 3. Default 1. */
  readonly count?: number
  /** Default: the newest one that is found. */
  readonly binary?: NatsBinary
  /** More of the configuration of each, as text. */
  readonly config?: string
  /** What a server holds for a client before it cuts it off. Default 8MB, as we recommend. */
  readonly maxPending?: string
  /** How long they may run, milliseconds. Default 60,000. */
  readonly limit?: number
}

let found: readonly NatsBinary[] | undefined

/** All that there are: that of `NATS_SERVER` first, then those on the PATH. */
export function natsBinaries(): readonly NatsBinary[] {
  found ??= [
    ...(process.env['NATS_SERVER'] ?? '').split(delimiter),
    ...(process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, 'nats-server')),
    '/usr/sbin/nats-server',
  ].flatMap(file => {
    if (file === '' || !existsSync(file)) return []
    const version = /v(\d+\.\d+\.\d+)/.exec(execFileSync(file, ['--version'], { encoding: 'utf8' }))?.[1]
    return version === undefined ? [] : [{ file, version }]
  })
  return found
}

/** Whether several of it may keep a directory. */
export function isForSeveral({ version }: NatsBinary): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > firstForSeveral[0] || (major === firstForSeveral[0] && minor >= firstForSeveral[1])
}

/** Skips the test, saying why, where there is no nats-server, or none for several; in CI that is a failure. */
export function requireNats(context: TestContext | undefined, count = 1): NatsBinary {
  const binary = natsBinaries().find(each => count === 1 || isForSeveral(each))
  if (binary !== undefined) return binary
  const reason = `there is no nats-server${count === 1 ? '' : ' of 2.10 or newer, on the PATH or in NATS_SERVER'}`
  if (context === undefined || process.env['CI'] !== undefined) throw new Error(reason)
  console.warn(`skipping ${context.task.name}: ${reason}`)
  return context.skip(reason)
}

/** One real server on 127.0.0.1. */
export class NatsServer implements AsyncDisposable {
  readonly port: number
  readonly #binary: NatsBinary
  readonly #config: string
  readonly #limit: number
  #program: RunningProgram | undefined

  /** @param config path of its configuration */
  constructor(binary: NatsBinary, port: number, config: string, limit: number) {
    this.#binary = binary
    this.port = port
    this.#config = config
    this.#limit = limit
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#program?.pid as number
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const { file } = this.#binary
    this.#program = new RunningProgram({ name: 'nats-server', file, args: ['-c', this.#config], limit: this.#limit })
    await portAnswers(this.port, this.#program.exited)
  }

  /** How many servers of its cluster it knows, itself included. */
  async known(): Promise<number> {
    const socket = connect(this.port, '127.0.0.1').setEncoding('latin1')
    try {
      const [line] = (await once(socket, 'data')) as [string]
      const { connect_urls: urls = ['itself'] } = JSON.parse(line.slice('INFO '.length)) as { connect_urls?: string[] }
      return urls.length
    } finally {
      socket.destroy()
    }
  }

  /** SIGKILL: no farewell, but the system resets the connections. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#program?.kill('SIGKILL')
    await this.#program?.exited
  }

  /** Its connections stay open, and nobody is there. Resolves when all of its threads have stopped. */
  async freeze(): Promise<void> {
    this.#program?.kill('SIGSTOP')
    while (!/\) T /.test(await readFile(`/proc/${this.pid}/stat`, 'utf8'))) await delay(1)
  }

  thaw(): void {
    this.#program?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]()
  }
}

/** Real servers with JetStream: one, or a cluster of three on loopback, with their files in a folder of their own. */
export class NatsServers implements AsyncDisposable {
  readonly all: readonly NatsServer[]
  readonly #folder: TemporaryFolder

  private constructor(all: readonly NatsServer[], folder: TemporaryFolder) {
    this.all = all
    this.#folder = folder
  }

  /** Starts them; skips the test, if it is told which, where there are none to be had. Resolves when they know each other. */
  static async start(context: TestContext | undefined, options: NatsServersOptions = {}): Promise<NatsServers> {
    const { count = 1, config = '', maxPending = '8MB', limit = 60_000 } = options
    const binary = options.binary ?? requireNats(context, count)
    const folder = await TemporaryFolder.create()
    const [ports, routes] = [await freePorts(count), await freePorts(count)]
    const all = await Promise.all(
      ports.map(async (port, index) => {
        const name = `n${index + 1}`
        const file = folder.file(`${name}.conf`)
        await mkdir(folder.file(name))
        const route = count === 1 ? '' : clusterConfig(routes, index)
        await writeFile(file, `${serverConfig(name, port, folder.file(name), maxPending)}${route}${config}\n`)
        return new NatsServer(binary, port, file, limit)
      }),
    )
    const servers = new NatsServers(all, folder)
    try {
      await Promise.all(all.map(server => server.start()))
      for (const server of all) while ((await server.known()) < count) await delay(20)
    } catch (error) {
      await servers[Symbol.asyncDispose]()
      throw error
    }
    return servers
  }

  /** The first, or only one. */
  get one(): NatsServer {
    return this.all[0] as NatsServer
  }

  get urls(): string[] {
    return this.all.map(({ url }) => url)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map(server => server[Symbol.asyncDispose]()))
    await this.#folder[Symbol.asyncDispose]()
  }
}

function serverConfig(name: string, port: number, folder: string, maxPending: string): string {
  return `server_name: ${name}
listen: 127.0.0.1:${port}
max_pending: ${maxPending}
write_deadline: "2s"
ping_interval: "1s"
jetstream { store_dir: "${folder}" }
`
}

function clusterConfig(routes: readonly number[], index: number): string {
  const others = routes.map(port => `nats-route://127.0.0.1:${port}`).join(', ')
  return `cluster { name: test, listen: "127.0.0.1:${routes[index]}", routes: [${others}] }\n`
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  return ports
}
