import { EventEmitter } from 'node:events'
import {
  type Awaitable,
  checkOptions,
  type ConnectEvent,
  deny,
  type Denial,
  type Host,
  type Logger,
  type PlayEvent,
  type Plugin,
  type ServerView,
  type SharedSource,
  type StreamAddress,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { Backoff } from './backoff.ts'
import { destinationOf } from './destination.ts'
import { PulledStream, type PulledStreamOptions } from './pulled-stream.ts'
import { RELAY_CONNECT, type RelayConnect } from './relay-connect.ts'
import { connectBy, type RelayOptions } from './relay-options.ts'
import { RelayPath } from './relay-path.ts'
import type { RelayEvents, RelayStatus } from './relay-status.ts'
import { relayPullDefaults } from './defaults.ts'

/** Options of {@link relayPull}. */
export interface RelayPullOptions extends RelayOptions {
  /**
   * Returns the URL, or the address in two parts, from which to fetch a stream, or undefined. A stream that is published
   * here is always played from here.
   */
  readonly from: (event: PlayEvent) => Awaitable<string | StreamAddress | undefined>
  /** Milliseconds a stream is fetched on after its last player has left. Default 10,000. */
  readonly linger?: number
  /**
   * Streams fetched at a time, including those that do not exist there; players of further ones are refused. Default
   * 1,000.
   */
  readonly maxStreams?: number
}

const known: Record<keyof RelayPullOptions, true> = {
  connect: true,
  log: true,
  backoff: true,
  proxy: true,
  from: true,
  linger: true,
  maxStreams: true,
}

/** Options of {@link RelayPull} where it is given as a class. */
export const RELAY_PULL_OPTIONS: InjectionToken<Omit<RelayPullOptions, 'connect' | 'log'>> =
  Symbol.for('rtmpipe.RelayPullOptions')

/** Fetches streams from other servers. Made by {@link relayPull}. */
export class RelayPull extends EventEmitter<RelayEvents> implements Plugin {
  readonly name = 'relay-pull'
  readonly #options: Required<Omit<RelayPullOptions, 'proxy'>>
  readonly #log: PluginLog
  readonly #path = new RelayPath()
  readonly #streams = new Set<PulledStream>()
  #server: ServerView | undefined

  constructor(
    @inject(RELAY_PULL_OPTIONS)
    options: Omit<RelayPullOptions, 'connect' | 'log'>,
    @inject(RELAY_CONNECT) connect: RelayConnect,
    @inject(LOGGER) log?: Logger,
  ) {
    super()
    checkOptions('relayPull()', options, known)
    if (typeof connect !== 'function')
      throw new TypeError('relayPull() needs connect: that of rtmpipe, or a function like it')
    const { from, linger = relayPullDefaults.linger, maxStreams = relayPullDefaults.maxStreams, backoff = {} } = options
    if (typeof from !== 'function')
      throw new TypeError('relayPull() needs from: a function that gives the URL of a stream')
    new Backoff(backoff)
    if (!(maxStreams > 0)) throw new TypeError(`maxStreams: ${maxStreams} is no number of them`)
    this.#log = new PluginLog(this.name, log)
    const connectTo = connectBy(connect, options.proxy)
    this.#options = { connect: connectTo, from, linger, maxStreams, backoff, log: this.#log }
  }

  /** The status of every stream that is fetched. */
  get origins(): readonly RelayStatus[] {
    return [...this.#streams].map(({ status }) => status)
  }

  setup(host: Host): void {
    this.#log.use(host)
    this.#server = host.server
  }

  onConnect(event: ConnectEvent): void {
    this.#path.note(event)
  }

  async onPlay(event: PlayEvent): Promise<Denial | undefined> {
    if (this.#path.isLoop(event.connection))
      return deny('NetStream.Play.StreamNotFound', 'this stream is asked for from here')
    // Players choose the names, and each is a connection to another server.
    if (!this.#isFull || event.isLive || this.#isFetched(event)) return undefined
    if ((await this.#options.from(event)) === undefined) return undefined
    return deny('NetStream.Play.Failed', `${this.#options.maxStreams} streams are fetched already`)
  }

  async sourcePlay(event: PlayEvent): Promise<SharedSource | undefined> {
    const { from, linger } = this.#options
    const url = await from(event)
    if (url === undefined) return undefined
    const origin = destinationOf(url)
    const properties = this.#path.propertiesFor(event.connection)
    const { app, streamName } = event
    const options = this.#streamOptions(properties, () => this.#server?.streams.get(app, streamName))
    const open = () => this.#open(new PulledStream({ app, streamName }, origin, options))
    return { kind: 'shared', linger, reopen: true, open }
  }

  async onClose(): Promise<void> {
    await Promise.all([...this.#streams].map(stream => stream.stop()))
  }

  /** Streams that count: not those that are closing, since they may be opened again before that is done. */
  get #fetched(): readonly PulledStream[] {
    return [...this.#streams].filter(({ destroyed }) => !destroyed)
  }

  get #isFull(): boolean {
    return this.#fetched.length >= this.#options.maxStreams
  }

  #isFetched({ app, streamName }: PlayEvent): boolean {
    return this.#fetched.some(({ status }) => status.app === app && status.streamName === streamName)
  }

  #open(stream: PulledStream): PulledStream {
    // Several may have passed the gate at the same moment.
    if (this.#isFull) throw new Error(`${this.#options.maxStreams} streams are fetched already`)
    this.#streams.add(stream)
    return stream.start()
  }

  #streamOptions(
    properties: ReturnType<RelayPath['propertiesFor']>,
    fed: PulledStreamOptions['fed'],
  ): PulledStreamOptions {
    const { connect, backoff, log } = this.#options
    return { by: this.name, connect, backoff, log, properties, changed: stream => this.#changed(stream), fed }
  }

  #changed(stream: PulledStream): void {
    const { status } = stream
    if (status.state === 'idle') this.#streams.delete(stream)
    this.emit('state', status)
  }
}

/**
 * Fetches streams that players ask for from other servers: once for all players, and only as long as somebody plays
 * them.
 *
 * @example
 * ```ts
 * server.use(relayPull({ connect, from: ({ streamName: name }) => ({ app: 'rtmp://origin.example/live', name }) }))
 * ```
 */
export function relayPull(options: RelayPullOptions): RelayPull {
  return new RelayPull(options, options.connect, options.log)
}
