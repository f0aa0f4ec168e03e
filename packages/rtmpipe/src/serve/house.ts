import cluster from 'node:cluster'
import type { house, HouseOptions, HttpPlugin, MetricsOptions } from '@rtmpipe/http'
import type { Logger, Plugin, Transport } from '@rtmpipe/session'
import type { OnePort } from '@rtmpipe/transport-one-port'
import { secureContexts } from '@rtmpipe/transport-tls'
import { maskedSettings } from '../config/show.ts'
import { schema, type ServeConfig } from '../sections/index.ts'
import { isOn, servesHttp } from '../sections/server.ts'
import { adminToken } from './admin-token.ts'
import type { ServerCertificate } from './certificate.ts'
import { CliError } from './cli-error.ts'
import { mounts } from './mounts.ts'
import { inheritedSockets } from './service/inherited-sockets.ts'
import { maxVersion, type OnTransportError } from './transports.ts'

/** What a house asks of the process that it is in. */
export interface HouseContext extends Pick<HouseOptions, 'reload' | 'drain' | 'reports' | 'worker'> {
  /** Told of the port for everything before it is bound: another worker may serve its HTTP. */
  readonly onPort?: (port: OnePort) => unknown
  /** Metrics of the other workers, if there are any. */
  readonly metricsOfOthers?: MetricsOptions['others']
}

/** Everything over HTTP of one process. Of several workers only the first has ports; the others report to it. */
export class ServeHouse {
  readonly #log: Logger
  readonly #house: ReturnType<typeof house>
  readonly #ports: readonly HttpPlugin[]
  #config: ServeConfig

  private constructor(config: ServeConfig, log: Logger, make: (configuration: () => unknown) => Made) {
    this.#config = config
    this.#log = log
    const { house, ports, tunnels } = make(() => this.#shown())
    this.#house = house
    this.#ports = ports
    this.transports = tunnels.map(port => port.tunnel())
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
    const { house, http } = await import('@rtmpipe/http')
    const hasPorts = (context.worker ?? 0) === 0
    const tokens = hasPorts ? await tokensOf(config, log) : {}
    const { metricsOfOthers, ...watched } = context
    const mount = await mounts(config, metricsOfOthers)
    const { host, rtmpt, rtmpts, tlsCompat: compat, tlsMax } = config
    // Those of the primary: it is there that a worker's sockets are listened on.
    const sockets = inheritedSockets(process.env, cluster.isWorker ? process.ppid : process.pid)
    return new ServeHouse(config, log, configuration => {
      const shared = house({ ...watched, ...tokens, configuration })
      const ports: HttpPlugin[] = []
      if (hasPorts && isOn(rtmpt))
        ports.push(http({ host, port: rtmpt, fd: sockets.http, house: shared, mount, onError }))
      if (hasPorts && isOn(rtmpts) && certificate) {
        const tls = secureContexts({ certificate, compat, maxVersion: maxVersion(tlsMax), onError })
        ports.push(http({ host, port: rtmpts, fd: sockets.https, house: shared, mount, onError, tls }))
      }
      const all = hasPorts && onePort ? [...ports, http({ onePort, house: shared, mount, onError })] : ports
      return { house: shared, ports: all, tunnels: ports }
    })
  }

  /** The tunnels on the ports. */
  readonly transports: readonly Transport[]

  /** The house, and its ports. */
  get plugins(): readonly Plugin[] {
    return [this.#house, ...this.#ports]
  }

  /** Reads the tokens of another configuration, or the same again. The function that it gives takes them into use. */
  async prepare(config: ServeConfig): Promise<() => void> {
    const tokens = this.#ports.length > 0 ? await tokensOf(config, this.#log) : {}
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
  readonly ports: readonly HttpPlugin[]
  /** Those that have a tunnel of their own. */
  readonly tunnels: readonly HttpPlugin[]
}

async function tokensOf(config: ServeConfig, log: Logger): Promise<Pick<HouseOptions, 'token' | 'viewToken'>> {
  const { viewToken } = config
  const token = await adminToken(config, log)
  if (token !== undefined && token === viewToken)
    throw new CliError('--view-token is the same as the admin token: who may look could change everything')
  return { token, viewToken }
}
