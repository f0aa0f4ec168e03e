import cluster from 'node:cluster'
import type { Listener, Plugin } from '@rtmpipe/session'
import type { PluginClass } from '@rtmpipe/plugins'
import type { ServeConfig } from '../sections/index.ts'
import type { OtherWorkers } from '../sections/plugin-section.ts'
import { needsCertificate, publishWaitOf } from '../sections/server.ts'
import { createServer, type Server } from '../create-server.ts'
import { CliError } from './cli-error.ts'
import type { ServerLog } from './log.ts'
import { SectionPlugins } from './section-plugins.ts'
import { endOnSignals } from './signals.ts'
import { createTransports } from './transports.ts'
import { ServerCertificate } from './certificate.ts'
import { youngGeneration } from './young-generation.ts'

/** All sessions have ended or are cut off after this; the promise is five seconds. Milliseconds. */
const shutdownTimeout = 4_000
/** For clients to be gone that were asked to connect again: to this address, where another server may stand by. Milliseconds. */
const reconnectTimeout = 1_500

/** A server in this process, which ends with it on SIGTERM or SIGINT, and on SIGUSR2 when all clients have left. */
export class ServeProcess {
  /** What is bound. */
  readonly urls: string[]
  readonly #server: Server
  readonly #plugins: ProcessPlugins
  readonly #certificate: ServerCertificate | undefined
  readonly #log: ServerLog

  private constructor(
    server: Server,
    plugins: ProcessPlugins,
    certificate: ServerCertificate | undefined,
    log: ServerLog,
    listeners: readonly Listener[],
  ) {
    this.#server = server
    this.#plugins = plugins
    this.#certificate = certificate
    this.#log = log
    this.urls = listeners.map(listenerUrl)
  }

  /**
   * @param shared plugins between those that decide and those that carry: what makes one server out of several
   * @param workers the others, if this is one of several
   * @param allPortsClosed called when this one takes nobody new any more; resolves when the others that end do not either
   * @throws CliError for what the user can mend
   */
  static async start(
    config: ServeConfig,
    log: ServerLog,
    shared: readonly Plugin[] = [],
    workers?: OtherWorkers,
    allPortsClosed?: () => Promise<void>,
  ): Promise<ServeProcess> {
    const certificate = needsCertificate(config) ? await ServerCertificate.open(config) : undefined
    const plugins = new ProcessPlugins(shared, log, workers)
    const prepared = await plugins.prepare(config)
    const server = createServer({
      transports: createTransports(config, certificate, log),
      mergeWindow: config.mergeWindow,
      publishWait: publishWaitOf(config),
      ...(config.sessionLimits && { limits: config.sessionLimits }),
      log,
      plugins: prepared.all,
    })
    prepared.take()
    stopOnSignal(server, log, allPortsClosed)
    return new ServeProcess(server, plugins, certificate, log, await listen(server, config))
  }

  /**
   * Takes over what may change while it runs: log level, certificate, plugins for those who come from now on. What fails
   * comes first, so that it has no effect at all.
   */
  async update(config: ServeConfig): Promise<void> {
    const plugins = await this.#plugins.prepare(config)
    const takeCertificate = await this.#certificate?.prepare(config)
    await this.#server.replacePlugins(plugins.all)
    plugins.take()
    takeCertificate?.()
    this.#log.level = config.logLevel
  }
}

/** All plugins of a process, in the order in which they are asked. */
class ProcessPlugins {
  readonly #memory = youngGeneration()
  readonly #shared: readonly Plugin[]
  readonly #sections: SectionPlugins

  constructor(shared: readonly Plugin[], log: ServerLog, workers: OtherWorkers | undefined) {
    this.#shared = shared
    this.#sections = new SectionPlugins(log, workers)
  }

  /** Those of a configuration. They are in use when `take` has been called. */
  async prepare(config: ServeConfig): Promise<{ all: readonly (Plugin | PluginClass)[]; take(): void }> {
    const sections = await this.#sections.prepare(config)
    const all = [this.#memory, ...sections.all(config.plugins, this.#shared)]
    return { all, take: () => sections.take() }
  }
}

async function listen(server: Server, config: ServeConfig): Promise<readonly Listener[]> {
  try {
    return await server.listen()
  } catch (error) {
    const { code, port } = error as NodeJS.ErrnoException & { port?: number }
    const option = (['rtmp', 'rtmps', 'rtmpt', 'rtmpts'] as const).find(name => config[name] === port)
    if (code === 'EADDRINUSE')
      throw new CliError(
        `port ${port} on ${config.host} is in use: choose another with --${option} PORT (0 takes a free one), or --${option} off`,
      )
    if (code === 'EACCES')
      throw new CliError(`port ${port} needs privileges: choose one above 1023 with --${option} PORT`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CliError(`--host ${config.host}: this machine has no such address`)
    // The plugin could not be set up: its database is down, for example.
    if (code === 'RTMP_ERR_PLUGIN') throw new CliError((error as Error).message)
    throw error
  }
}

function stopOnSignal(server: Server, log: ServerLog, allPortsClosed?: () => Promise<void>): void {
  let closed: Promise<void> | undefined
  // Clients come back to the same address: this server must not take them, in whichever process.
  const closePorts = () => {
    for (const listener of server.listeners) listener.close().catch(() => {})
    log.debug({}, 'ports closed')
    return allPortsClosed?.()
  }
  const endings = {
    // As long as it takes: SIGTERM ends the wait.
    drain: async () => {
      await (closed ??= closePorts())
      return server.drain({ timeout: Infinity, reconnectTo: '' })
    },
    stop: async () => {
      setTimeout(() => process.exit(0), shutdownTimeout).unref()
      await (closed ??= closePorts())
      return server.close({ reconnectTo: '', reconnectTimeout })
    },
    abandon: () => {},
  }
  // Whoever signals the whole group, as systemd and a terminal do, reaches a worker twice: its primary signals it too.
  endOnSignals(endings, cluster.isWorker)
}

function listenerUrl({ scheme, address }: Listener): string {
  const host = address.address.includes(':') ? `[${address.address}]` : address.address
  return `${scheme}://${host}:${address.port}`
}
