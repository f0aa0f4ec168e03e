import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions, type Host, type Plugin } from '@rtmpipe/session'
import type { TokenOptions } from '../access/tokens.ts'
import { TokenAccess } from '../access/token-access.ts'
import type { House } from '../mount.ts'
import type { ClusterStats } from '../report/cluster.ts'
import type { Reports } from '../report/reports.ts'
import { Watch } from '../report/watch.ts'
import type { WatchOptions } from '../report/watch-options.ts'

/** Options of {@link house}. */
export interface HouseOptions extends TokenOptions, WatchOptions {
  /** Reports of several processes, of those of this one. Default: this process is the server. */
  readonly reports?: ((own: Reports, host: Host) => Reports) | undefined
}

/** All options there are, so that the compiler finds one that is missing here. */
export const houseOptions: Record<keyof HouseOptions, true> = {
  token: true,
  viewToken: true,
  reload: true,
  drain: true,
  configuration: true,
  cluster: true,
  worker: true,
  reports: true,
}

/** What everything over HTTP shares, as a plugin of the server that it tells of. Made by {@link house}. */
export class ServerHouse implements House {
  /** Who may see and do what. */
  readonly access: TokenAccess
  readonly #options: HouseOptions
  #host: Host | undefined
  #watch: Watch | undefined
  #reports: Reports | undefined
  #isListening = false

  /** @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist */
  constructor(options: HouseOptions = {}) {
    checkOptions('house()', options, houseOptions)
    this.#options = options
    this.access = new TokenAccess(options, remote => {
      this.#host?.log.warn({ remote }, 'too many wrong tokens over HTTP: the address has to wait')
    })
  }

  /** The server's host. @throws UsageError before the server has set its plugins up, with `listen()` */
  get host(): Host {
    return this.#host ?? notYet()
  }

  /** What the server tells of itself. @throws UsageError before the server has set its plugins up, with `listen()` */
  get reports(): Reports {
    return this.#reports ?? notYet()
  }

  /** How the server fares among many machines; undefined if it is alone. */
  get cluster(): (() => ClusterStats) | undefined {
    return this.#options.cluster
  }

  /** True from the moment that all transports of the server have bound. */
  get isListening(): boolean {
    return this.#isListening
  }

  /** What the server has to tell it: the hooks of a plugin. */
  get hooks(): Omit<Plugin, 'name'> {
    return {
      setup: host => this.#begin(host),
      onListen: () => void (this.#isListening = true),
      onDisconnect: event => this.#watch?.disconnected(event.connection, event),
      onPublishStart: publish => this.#watch?.publishStarted(publish),
      onPublishEnd: (publish, reason) => this.#watch?.publishEnded(publish, reason),
      onPlayStart: play => this.#watch?.playStarted(play),
      onPlayEnd: (play, reason) => this.#watch?.playEnded(play, reason),
      onStreamStart: stream => this.#watch?.streamStarted(stream),
      onStreamEnd: (stream, reason) => this.#watch?.streamEnded(stream, reason),
      onStreamRecordings: stream => this.#watch?.recordingsChanged(stream),
      onStreamRelays: stream => this.#watch?.relaysChanged(stream),
      onRefusal: event => this.#watch?.refused(event),
      onDrain: () => this.#watch?.draining(),
      onClose: () => this.#end(),
    }
  }

  #begin(host: Host): void {
    this.#host = host
    this.#watch = new Watch(host, this.#options)
    this.#reports = this.#options.reports?.(this.#watch, host) ?? this.#watch
  }

  #end(): void {
    this.#watch?.close()
    this.#isListening = false
  }
}

/**
 * What everything over HTTP needs to know of a server, without a port of its own: a plugin of the server, and the
 * {@link House} that mounts are given as options in a fastify server of your own. {@link http} makes one for itself.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist
 */
export function house(options: HouseOptions = {}): Plugin & ServerHouse {
  const house = new ServerHouse(options)
  return Object.assign(house, { name: 'house' }, house.hooks)
}

function notYet(): never {
  throw new UsageError('RTMP_ERR_USAGE', 'the house belongs to no server yet: give it as a plugin, and listen() first')
}
