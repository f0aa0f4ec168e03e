import cluster from 'node:cluster'
import type { Listener, Plugin, PluginError } from '@rtmpipe/session'
import type { PluginClass } from '@rtmpipe/plugins'
import type { ServeConfig } from '../sections/index.ts'
import type { OtherWorkers } from '../sections/plugin-section.ts'
import { needsCertificate, publicAddressOf, publishWaitOf } from '../sections/server.ts'
import { createServer, type Server } from '../create-server.ts'
import { CliError } from './cli-error.ts'
import type { ServerLog } from './log.ts'
import { RelayOnDemand } from './relay-on-demand.ts'
import { presentTracing } from './present-tracing.ts'
import { SectionPlugins } from './section-plugins.ts'
import { type Endings, endOnSignals } from './signals.ts'
import { type HouseContext, ServeHouse } from './house.ts'
import { createOnePort, createRtmfp, createTransports, logTransportErrors } from './transports.ts'
import { ServerCertificate } from './certificate.ts'
import { heapGrowth } from './heap-growth.ts'

/** All sessions have ended or are cut off after this; the promise is five seconds. Milliseconds. */
const shutdownTimeout = 4_000
/** For clients to be gone that were asked to connect again: to this address, where another server may stand by. Milliseconds. */
const reconnectTimeout = 1_500

/** What one of several processes waits for while it ends. */
export interface OtherEnds {
  /** This one takes nobody new any more; resolves when those that end with it do not either. */
  allPortsClosed(): Promise<void>
  /** Resolves when the clients of the others have left; there if this one has what all of them need. */
  left?(): Promise<unknown>
}

/** A server in this process, which ends with it on SIGTERM or SIGINT, and on SIGUSR2 when all clients have left. */
export class ServeProcess {
  /** What is bound. */
  readonly urls: string[]
  readonly #server: Server
  readonly #plugins: ProcessPlugins
  readonly #certificate: ServerCertificate | undefined
  readonly #house: ServeHouse | undefined
  readonly #log: ServerLog

  private constructor(
    server: Server,
    plugins: ProcessPlugins,
    certificate: ServerCertificate | undefined,
    house: ServeHouse | undefined,
    log: ServerLog,
    urls: string[],
  ) {
    this.#server = server
    this.#plugins = plugins
    this.#certificate = certificate
    this.#house = house
    this.#log = log
    this.urls = urls
  }

  /**
   * @param context of what is over HTTP
   * @param shared plugins between those that decide and those that carry: what makes one server out of several
   * @param workers the others, if this is one of several
   * @param others what there is to wait for while this one ends, if it is one of several
   * @throws CliError for what the user can mend
   */
  static async start(
    config: ServeConfig,
    log: ServerLog,
    context: HouseContext = {},
    shared: readonly Plugin[] = [],
    workers?: OtherWorkers,
    others?: OtherEnds,
  ): Promise<ServeProcess> {
    const certificate = needsCertificate(config) ? await ServerCertificate.open(config) : undefined
    const onError = logTransportErrors(log, () => server?.listeners ?? [])
    let server: Server | undefined
    const drain = async ({ timeout = Infinity }) => endings.drain(timeout).finally(() => process.exit(0))
    const port = createOnePort(config, certificate, onError, context.machine?.optionsOf('port'))
    const udp = createRtmfp(config, log, onError)
    const { onPort, ...ofHouse } = context
    if (port !== undefined) await onPort?.(port)
    const house = await ServeHouse.open(config, certificate, log, onError, { drain, ...ofHouse }, port)
    const tracing = await presentTracing()
    const told = [...(house?.plugins ?? []), ...(tracing === undefined ? [] : [tracing])]
    const growth = heapGrowth({ datagrams: udp !== undefined, cluster: config.cluster !== undefined })
    const plugins = new ProcessPlugins(shared, told, log, workers, growth)
    const prepared = await plugins.prepare(config)
    server = createServer({
      transports: [
        ...createTransports(config, certificate, onError),
        ...(port === undefined ? [] : [port]),
        ...(house?.transports ?? []),
        ...(udp === undefined ? [] : [udp]),
      ],
      mergeWindow: config.mergeWindow,
      publishWait: publishWaitOf(config),
      ...(config.sessionLimits && { limits: config.sessionLimits }),
      log,
      plugins: prepared.all,
    })
    prepared.take()
    const endings = endingsOf(server, log, others)
    // Whoever signals the whole group, as systemd and a terminal do, reaches a worker twice: its primary signals it too.
    endOnSignals(endings, cluster.isWorker)
    const listeners = await listen(server, config)
    const urls = listeners.flatMap(listener => listenerUrls(listener, config))
    return new ServeProcess(server, plugins, certificate, house, log, urls)
  }

  /**
   * Takes over what may change while it runs: log level, certificate, tokens, plugins for those who come from now on. What
   * fails comes first, so that it has no effect at all.
   */
  async update(config: ServeConfig): Promise<void> {
    const plugins = await this.#plugins.prepare(config)
    const takeCertificate = await this.#certificate?.prepare(config)
    const takeTokens = await this.#house?.prepare(config)
    await this.#server.replacePlugins(plugins.all)
    plugins.take()
    takeCertificate?.()
    takeTokens?.()
    this.#log.level = config.logLevel
  }
}

/** All plugins of a process, in the order in which they are asked. */
class ProcessPlugins {
  readonly #heap: Plugin
  readonly #relay: RelayOnDemand
  readonly #shared: readonly Plugin[]
  readonly #house: readonly Plugin[]
  readonly #sections: SectionPlugins

  constructor(
    shared: readonly Plugin[],
    house: readonly Plugin[],
    log: ServerLog,
    workers: OtherWorkers | undefined,
    heap: Plugin,
  ) {
    this.#heap = heap
    this.#shared = shared
    this.#house = house
    this.#relay = new RelayOnDemand(log)
    this.#sections = new SectionPlugins(log, workers)
  }

  /** Those of a configuration. They are in use when `take` has been called. */
  async prepare(config: ServeConfig): Promise<{ all: readonly (Plugin | PluginClass)[]; take(): void }> {
    const sections = await this.#sections.prepare(config)
    // The last one: whoever else offers to relay does it.
    const all = [this.#heap, ...sections.all(config.plugins, this.#shared), ...this.#house, this.#relay]
    return { all, take: () => sections.take() }
  }
}

async function listen(server: Server, config: ServeConfig): Promise<readonly Listener[]> {
  try {
    return await server.listen()
  } catch (error) {
    const { code, port, isUdp = false } = systemErrorOf(error)
    const names = isUdp ? (['rtmfp'] as const) : (['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'port'] as const)
    const option = names.find(name => config[name] === port)
    if (code === 'EADDRINUSE')
      throw new CliError(
        `${isUdp ? 'UDP ' : ''}port ${port} on ${config.host} is in use: choose another with --${option} PORT (0 takes a free one), or --${option} off`,
      )
    if (code === 'EACCES')
      throw new CliError(
        `${isUdp ? 'UDP ' : ''}port ${port} needs privileges: choose one above 1023 with --${option} PORT`,
      )
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CliError(`--host ${config.host}: this machine has no such address`)
    // The plugin could not be set up: its database is down, for example.
    if (code === 'RTMP_ERR_PLUGIN') throw new CliError((error as Error).message)
    throw error
  }
}

/** The HTTP ports are bound by a plugin, whose error has that of the system as its cause. */
function systemErrorOf(error: unknown): NodeJS.ErrnoException & { readonly port?: number; readonly isUdp?: boolean } {
  const { plugin, cause } = error as Partial<PluginError>
  return (plugin === 'http' && cause instanceof Error ? cause : error) as NodeJS.ErrnoException
}

interface ServerEndings extends Endings {
  drain(timeout?: number): Promise<void>
}

function endingsOf(server: Server, log: ServerLog, others?: OtherEnds): ServerEndings {
  let closed: Promise<void> | undefined
  // Clients come back to the same address: this server must not take them, in whichever process.
  const closePorts = () => {
    for (const listener of server.listeners) listener.close().catch(() => {})
    log.debug({}, 'ports closed')
    return others?.allPortsClosed()
  }
  return {
    // As long as it takes: SIGTERM ends the wait.
    drain: async (timeout = Infinity) => {
      await (closed ??= closePorts())
      return server.drain({ timeout, reconnectTo: '', until: others?.left?.() })
    },
    stop: async () => {
      setTimeout(() => process.exit(0), shutdownTimeout).unref()
      await (closed ??= closePorts())
      return server.close({ reconnectTo: '', reconnectTimeout })
    },
    abandon: () => {},
  }
}

/** Behind a router, clients of RTMFP are told the address that it has outside. */
function listenerUrls(
  { scheme, schemes = [scheme], address }: Listener,
  { rtmfpPublic }: ServeConfig,
): readonly string[] {
  const outside = scheme === 'rtmfp' && rtmfpPublic !== undefined ? publicAddressOf(rtmfpPublic) : undefined
  const host = outside?.host ?? address.address
  const port = outside?.port ?? address.port
  return schemes.map(each => `${each}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}
