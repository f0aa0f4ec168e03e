import { fileURLToPath } from 'node:url'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import { words } from './words.ts'

export const command: string = fileURLToPath(new URL('../../packages/rtmpipe/bin/rtmpipe.js', import.meta.url))

/** The schemes that the server listens for, each at a port of its own. */
export const schemes = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts'] as const
/** Those that the HTTP ports have as well. Other programs than ours do not speak them. */
export const webSockets = ['ws', 'wss'] as const
export type Scheme = (typeof schemes)[number]
type AnyScheme = Scheme | (typeof webSockets)[number]

/** How to start the server. */
export interface ServerOptions {
  /** More arguments of `rtmpipe serve`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The Node that runs it; default the one that runs the tests. */
  readonly node?: string
  /** Listen at one port for all schemes. Default false: at one for each. */
  readonly onePort?: boolean
  /** Path of the command; default the built one of the workspace. */
  readonly command?: string
}

/** `rtmpipe serve` in a process of its own, with all transports of TCP on free ports and a data folder of its own. */
export class ServerProcess implements AsyncDisposable {
  /** Where it listens, without a path, like `rtmp://127.0.0.1:4711`. */
  readonly urls: Readonly<Record<AnyScheme, string>>
  readonly pid: number
  /** For its output lines: `program.waitForLine(…)`. */
  readonly program: RunningProgram
  readonly data: TemporaryFolder

  private constructor(program: RunningProgram, data: TemporaryFolder, urls: Readonly<Record<AnyScheme, string>>) {
    if (program.pid === undefined) throw program.failure('has no process id')
    this.program = program
    this.pid = program.pid
    this.data = data
    this.urls = urls
  }

  /** Resolves when the server says that it is ready. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const { args = [], env = {}, node = process.execPath, command: path = command, onePort = false } = options
    const data = await TemporaryFolder.create()
    const ports = onePort ? ['--port', '0'] : schemes.flatMap(scheme => [`--${scheme}`, '0'])
    const program = new RunningProgram({
      name: 'rtmpipe serve',
      file: node,
      args: words`${path} serve ${ports} --data ${data.path} ${args}`,
      env,
      limit: 300_000,
    })
    try {
      await program.waitForLine(/^rtmpipe ready/)
      const found = [...schemes, ...webSockets].map(async scheme => {
        const line = await program.waitForLine(new RegExp(`^rtmpipe listening on (${scheme}://\\S+?)/?$`))
        return [scheme, line[1]]
      })
      const urls = Object.fromEntries(await Promise.all(found)) as Record<AnyScheme, string>
      return new ServerProcess(program, data, urls)
    } catch (error) {
      await program[Symbol.asyncDispose]()
      await data[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Asks the server to end, which it must do with exit code 0. */
  async stop(): Promise<void> {
    this.program.kill('SIGTERM')
    try {
      await this.program.finish()
    } finally {
      await this.data[Symbol.asyncDispose]()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]()
    await this.data[Symbol.asyncDispose]()
  }
}
