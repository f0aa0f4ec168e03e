import cluster from 'node:cluster'
import type { house, HouseOptions, HttpPlugin, MetricsOptions } from '@rtmpipe/http'
import type { Logger, Plugin, Transport } from '@rtmpipe/session'
import type { OnePort } from '@rtmpipe/transport-one-port'
import { secureContexts } from '@rtmpipe/transport-tls'
import { maskedSettings } from '../config/show.ts'
import { schema, type ServeConfig } from '../sections/index.ts'
import { networksOf, trustedBy } from '../sections/arrival.ts'
import { isOn, servesHttp } from '../sections/server.ts'
import { adminToken } from './admin-token.ts'
import type { ServerCertificate } from './certificate.ts'
import { CliError } from './cli-error.ts'
import type { MachineTunnels } from './machine-tunnels.ts'
import { mounts, viewMounts } from './mounts.ts'
import { inheritedSockets } from './service/inherited-sockets.ts'
import { maxVersion, type OnTransportError } from './transports.ts'
import type { HttpOfWorker } from './workers/http/http-of-worker.ts'
import type { HttpPort } from './workers/http/worker-sockets.ts'

/** What a house asks of the process that it is in. */
export interface HouseContext extends Pick<HouseOptions, 'reload' | 'drain' | 'reports' | 'worker' | 'cluster'> {
  /** Told of the port for everything before it is bound: another worker may serve its HTTP. */
  readonly onPort?: (port: OnePort) => unknown
  /** Metrics of the other workers, if there are any. */
  readonly metricsOfOthers?: MetricsOptions['others']
  /** How HTTP ports are shared with other processes, if there are any. */
  readonly shared?: HttpOfWorker
  /** The way to the tunnels of other machines, if there are any. */
  readonly machine?: MachineTunnels | undefined
}

/** Everything over HTTP of one process. Of several workers the first has the house; the others pass on to it, and report. */
export class ServeHouse {
  readonly #log: Logger
  readonly #house: ReturnType<typeof house>
  readonly #ports: Made['ports']
  readonly #all: HttpPlugin | undefined
  readonly #transports: Transport[] = []
  /** It has tokens, and answers for itself. */
  readonly #isWhole: boolean
  #config: ServeConfig

  private constructor(
    config: ServeConfig,
    log: Logger,
    isWhole: boolean,
    make: (configuration: () => unknown) => Made,
  ) {
    this.#config = config
    this.#isWhole = isWhole
    this.#log = log
    const { house, ports, all } = make(() => this.#shown())
    this.#house = house
    this.#ports = ports
    this.#all = all
  }

  /** @returns undefined where no port is for HTTP. @throws CliError for what the user can mend */
  static async open(
    config: ServeConfig,
    certificate: ServerCertificate | undefined,
    log: Logger,
    onError: OnTransportError,
    context: HouseContext = {},
    onePort?: OnePort,
  ): Promise<ServeHouse | undefined> {
    if (!servesHttp(config)) return undefined
    // Loaded here: who only publishes or plays needs nothing of it.
    const { house: makeHouse, http } = await import('@rtmpipe/http')
    const { metricsOfOthers, shared, machine, ...watched } = context
    const isWhole = shared?.hasHouse ?? true
    const tokens = isWhole ? await tokensOf(config, log) : {}
    const [ofHouse, views] = await Promise.all([mounts(config, metricsOfOthers), viewMounts(config)])
    const mount = [...ofHouse, ...views]
    const { host, rtmpt, rtmpts, tlsCompat: compat, tlsMax } = config
    // Those of the primary: it is there that a worker's sockets are listened on.
    const sockets = inheritedSockets(process.env, cluster.isWorker ? process.ppid : process.pid)
    const serve = new ServeHouse(config, log, isWhole, configuration => {
      const house = makeHouse({ ...watched, ...tokens, configuration })
      const ports: Made['ports'] = {}
      const arrival = { trustProxy: trustedBy(config.trustProxy), proxyProtocol: networksOf(config.proxyProtocol) }
      const common = { host, house, onError, shared: shared !== undefined, ...arrival }
      const mountsOf = (port: HttpPort) => shared?.mounts(port, ofHouse, views) ?? mount
      if (isOn(rtmpt)) ports.rtmpt = http({ ...common, port: rtmpt, fd: sockets.http, mount: mountsOf('rtmpt') })
      if (isOn(rtmpts) && certificate) {
        const tls = secureContexts({ certificate, compat, maxVersion: maxVersion(tlsMax), onError })
        ports.rtmpts = http({ ...common, port: rtmpts, fd: sockets.https, mount: mountsOf('rtmpts'), tls })
      }
      // What is HTTP at the port for everything is the first worker's, wherever it comes.
      const { trustProxy } = arrival
      const all = isWhole && onePort !== undefined && http({ onePort, house, mount, trustProxy, onError })
      return { house, ports, ...(all && { all }) }
    })
    await serve.#open(shared, machine)
    return serve
  }

  async #open(shared: HttpOfWorker | undefined, machine: MachineTunnels | undefined): Promise<void> {
    const { mergeWindow, websocket, origins } = this.#config
    for (const [name, port] of Object.entries(this.#ports) as [HttpPort, HttpPlugin][]) {
      this.#transports.push(
        shared === undefined
          ? port.tunnel({ mergeWindow, ...machine?.optionsOf(name) })
          : await shared.open(name, port, { mergeWindow }),
      )
    }
    if (websocket === 'on')
      this.#transports.push(...Object.values(this.#ports).map(port => port.webSocket({ origins })))
  }

  /** The tunnels and the WebSockets on the ports. */
  get transports(): readonly Transport[] {
    return this.#transports
  }

  /** The house, and its ports. */
  get plugins(): readonly Plugin[] {
    return [this.#house, ...Object.values(this.#ports), ...(this.#all === undefined ? [] : [this.#all])]
  }

  /** Reads the tokens of another configuration, or the same again. The function that it gives takes them into use. */
  async prepare(config: ServeConfig): Promise<() => void> {
    const tokens = this.#isWhole ? await tokensOf(config, this.#log) : {}
    return () => {
      this.#config = config
      this.#house.access.take(tokens)
    }
  }

  #shown(): unknown {
    const { plugins = [], ...settings } = this.#config
    const shown = maskedSettings(schema, settings) as object
    return plugins.length === 0 ? shown : { ...shown, plugins: plugins.map(({ name }) => name) }
  }
}

interface Made {
  readonly house: ReturnType<typeof house>
  readonly ports: { rtmpt?: HttpPlugin; rtmpts?: HttpPlugin }
  /** The port for everything. */
  readonly all?: HttpPlugin
}

async function tokensOf(config: ServeConfig, log: Logger): Promise<Pick<HouseOptions, 'token' | 'viewToken'>> {
  const { viewToken } = config
  const token = await adminToken(config, log)
  if (token !== undefined && token === viewToken)
    throw new CliError('--view-token is the same as the admin token: who may look could change everything')
  return { token, viewToken }
}
