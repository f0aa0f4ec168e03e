import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import { words } from './words.ts'

/** A proxy that clients ask for a way out. */
export type ForwardProxyName = 'squid' | 'tinyproxy' | 'microsocks'

export interface Login {
  readonly user: string
  readonly password: string
}

interface Start {
  readonly port: number
  readonly folder: string
  readonly login: Login | undefined
}

interface Kind {
  readonly scheme: 'http' | 'socks5h'
  /** Writes what the program needs, and says how it is run. */
  prepare(start: Start): Promise<{ file: string; args: readonly string[] }>
  /** Where it notes what it is asked for, when not in what it prints. */
  readonly log?: string
}

const kinds: Readonly<Record<ForwardProxyName, Kind>> = {
  squid: {
    scheme: 'http',
    log: 'access.log',
    async prepare({ port, folder, login }) {
      const access =
        login === undefined
          ? ['http_access allow localhost']
          : [
              `auth_param basic program ${folder}/check`,
              'acl known proxy_auth REQUIRED',
              'http_access allow known',
              'http_access deny all',
            ]
      // Of the helper's protocol only what is needed here: a line "user password", percent-encoded, and OK or ERR.
      if (login !== undefined) {
        const line = `${encodeURIComponent(login.user)} ${encodeURIComponent(login.password)}`
        const script = `#!/bin/sh\nwhile read -r line; do [ "$line" = '${line}' ] && echo OK || echo ERR; done\n`
        await writeFile(`${folder}/check`, script, { mode: 0o755 })
      }
      const config = [
        `http_port 127.0.0.1:${port}`,
        ...access,
        'cache deny all',
        `pid_filename ${folder}/squid.pid`,
        `access_log stdio:${folder}/access.log`,
        'cache_log /dev/null',
        'shutdown_lifetime 0 seconds',
        'pinger_enable off',
        'netdb_filename none',
        `coredump_dir ${folder}`,
        'visible_hostname localhost',
      ]
      await writeFile(`${folder}/squid.conf`, `${config.join('\n')}\n`)
      return { file: '/usr/sbin/squid', args: words`-N -n test${port} -f ${folder}/squid.conf` }
    },
  },
  tinyproxy: {
    scheme: 'http',
    async prepare({ port, folder, login }) {
      const config = [
        `Port ${port}`,
        'Listen 127.0.0.1',
        'LogLevel Info',
        'Timeout 600',
        'MaxClients 200',
        ...(login === undefined ? [] : [`BasicAuth ${login.user} ${login.password}`]),
      ]
      await writeFile(`${folder}/tinyproxy.conf`, `${config.join('\n')}\n`)
      return { file: 'tinyproxy', args: words`-d -c ${folder}/tinyproxy.conf` }
    },
  },
  microsocks: {
    scheme: 'socks5h',
    prepare: async ({ port, login }) => ({
      file: 'microsocks',
      args: words`-i 127.0.0.1 -p ${port} ${login === undefined ? [] : ['-u', login.user, '-P', login.password]}`,
    }),
  },
}

/** A real proxy on a free port, and what it says of whom it was asked for. */
export class ForwardProxy implements AsyncDisposable {
  /** With the login, if it wants one. */
  readonly url: string
  readonly port: number
  readonly #kind: Kind
  readonly #folder: TemporaryFolder
  readonly #run: () => RunningProgram
  #program: RunningProgram

  private constructor(kind: Kind, start: Start, folder: TemporaryFolder, run: () => RunningProgram) {
    const { port, login } = start
    const account =
      login === undefined ? '' : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`
    this.url = `${kind.scheme}://${account}127.0.0.1:${port}`
    this.port = port
    this.#kind = kind
    this.#folder = folder
    this.#run = run
    this.#program = run()
  }

  static async start(name: ForwardProxyName, login?: Login): Promise<ForwardProxy> {
    const kind = kinds[name]
    const folder = await TemporaryFolder.create()
    // Squid gives up its rights.
    await chmod(folder.path, 0o777)
    const start = { port: await freePort(), folder: folder.path, login }
    const command = await kind.prepare(start)
    const run = () => new RunningProgram({ name, ...command, limit: 120_000 })
    const proxy = new ForwardProxy(kind, start, folder, run)
    try {
      await proxy.#isReady()
    } catch (error) {
      await proxy[Symbol.asyncDispose]()
      throw error
    }
    return proxy
  }

  /** Resolves when its log has a line like that; some write it when the connection is over. */
  async saw(pattern: RegExp): Promise<void> {
    const { log } = this.#kind
    if (log === undefined) {
      await this.#program.waitForLine(pattern)
      return
    }
    for (let left = 100; ; left--) {
      const text = await readFile(this.#folder.file(log), 'utf8').catch(() => '')
      if (pattern.test(text)) return
      if (left === 0) throw new Error(`no line like ${pattern} in the log:\n${text}`)
      await sleep(50)
    }
  }

  /** Kills it, with all connections, and starts it again after so many milliseconds. */
  async restart(pause: number): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
    await rm(this.#folder.file('squid.pid'), { force: true })
    await sleep(pause)
    this.#program = this.#run()
    await this.#isReady()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.kill('SIGTERM')
    await this.#program.exited.catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }

  async #isReady(): Promise<void> {
    for (let left = 200; ; left--) {
      if (await accepts(this.port)) return
      if (left === 0) throw this.#program.failure('does not listen')
      await Promise.race([sleep(50), this.#program.exited.then(() => Promise.reject(this.#program.failure()))])
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
