import { EventEmitter } from 'node:events'
import {
  checkOptions,
  type ConnectEvent,
  type Denial,
  deny,
  type Host,
  type Logger,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  streamKey,
  type StreamAddress,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { Backoff } from './backoff.ts'
import { type Destination, destinationOf, destinationsBelow, urlOf } from './destination.ts'
import { Push, type PushContext } from './push.ts'
import { RELAY_CONNECT, type RelayConnect } from './relay-connect.ts'
import type { RelayOptions } from './relay-options.ts'
import { RelayPath } from './relay-path.ts'
import type { RelayEvents, RelayStatus } from './relay-status.ts'

/** Options of {@link relayPush}. */
export interface RelayPushOptions extends RelayOptions {
  /**
   * URLs of applications, like `rtmp://host/app`, where every stream is published under its own name; or a function
   * that gives whole URLs, or addresses in two parts, for each stream. Default none.
   */
  readonly to?: readonly string[] | ((info: PublishInfo) => readonly (string | StreamAddress)[])
}

const known: Record<keyof RelayPushOptions, true> = { connect: true, log: true, backoff: true, to: true }

/** Options of {@link RelayPush} where it is given as a class; there need be none. */
export const RELAY_PUSH_OPTIONS: InjectionToken<Omit<RelayPushOptions, 'connect' | 'log'>> =
  Symbol.for('rtmpipe.RelayPushOptions')

/** Publishes streams at other servers. Made by {@link relayPush}. */
export class RelayPush extends EventEmitter<RelayEvents> implements Plugin {
  readonly name = 'relay-push'
  readonly #log: PluginLog
  readonly #context: PushContext
  readonly #path = new RelayPath()
  readonly #to: (info: PublishInfo) => readonly Destination[]
  /** Added by name, and kept while nobody publishes. */
  readonly #added = new Set<Push>()
  readonly #live = new Map<string, PublishInfo>()
  /** By stream, then by URL. */
  readonly #pushes = new Map<string, Map<string, Push>>()

  /** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for URLs that can't be meant */
  constructor(
    @inject(RELAY_PUSH_OPTIONS, { isOptional: true })
    options: Omit<RelayPushOptions, 'connect' | 'log'> = {},
    @inject(RELAY_CONNECT) connect: RelayConnect,
    @inject(LOGGER) log?: Logger,
  ) {
    super()
    checkOptions('relayPush()', options, known)
    if (typeof connect !== 'function')
      throw new TypeError('relayPush() needs connect: that of rtmpipe, or a function like it')
    const { to = [], backoff = {} } = options
    // Made once here so that wrong waiting times throw at once.
    new Backoff(backoff)
    this.#log = new PluginLog(this.name, log)
    this.#context = { connect, path: this.#path, backoff, log: this.#log, changed: push => this.#changed(push) }
    if (typeof to === 'function') this.#to = info => to(info).map(destinationOf)
    else {
      const bases = to.map(destinationsBelow)
      this.#to = ({ streamName }) => bases.map(base => base(streamName))
    }
  }

  /** The status of every push that is under way or was added. */
  get destinations(): readonly RelayStatus[] {
    return [...this.#pushes.values()].flatMap(pushes => [...pushes.values()].map(({ status }) => status))
  }

  /**
   * Pushes a stream to a URL like `rtmp://host/app/name?query`, or an address in two parts, now if it is published and
   * whenever it is.
   *
   * @throws TypeError for URLs that can't be meant
   */
  add(app: string, streamName: string, to: string | StreamAddress): void {
    const push = this.#pushTo({ app, streamName }, destinationOf(to))
    this.#added.add(push)
    const info = this.#live.get(streamKey({ app, streamName }))
    if (info !== undefined) push.start(info)
  }

  /**
   * Ends a push, whether it was added or comes from `to`. Resolves when the far server has been told; with false if
   * there was none.
   */
  async remove(app: string, streamName: string, from: string | StreamAddress): Promise<boolean> {
    const push = this.#pushes.get(streamKey({ app, streamName }))?.get(urlOf(from))
    if (push === undefined) return false
    this.#added.delete(push)
    this.#forget(push)
    await push.stop()
    return true
  }

  setup(host: Host): void {
    this.#log.use(host)
  }

  onConnect(event: ConnectEvent): void {
    this.#path.note(event)
  }

  onPublish({ connection }: PublishEvent): Denial | undefined {
    return this.#path.isLoop(connection)
      ? deny('NetStream.Publish.Denied', 'this stream has been relayed from here')
      : undefined
  }

  onPublishStart(info: PublishInfo): void {
    const key = streamKey(info)
    this.#live.set(key, info)
    for (const destination of this.#to(info)) this.#pushTo(info, destination)
    for (const push of this.#pushes.get(key)?.values() ?? []) push.start(info)
  }

  onPublishEnd(info: PublishInfo): void {
    const key = streamKey(info)
    if (this.#live.get(key) === info) this.#live.delete(key)
    for (const push of this.#pushes.get(key)?.values() ?? []) push.check()
  }

  async onClose(): Promise<void> {
    const pushes = [...this.#pushes.values()].flatMap(each => [...each.values()])
    await Promise.all(pushes.map(push => push.stop()))
  }

  #pushTo(target: { readonly app: string; readonly streamName: string }, destination: Destination): Push {
    const key = streamKey(target)
    const pushes = this.#pushes.get(key) ?? new Map<string, Push>()
    this.#pushes.set(key, pushes)
    const push = pushes.get(destination.url) ?? new Push(target, destination, this.#context)
    pushes.set(destination.url, push)
    return push
  }

  #changed(push: Push): void {
    const { status } = push
    if (status.state === 'idle' && !this.#added.has(push)) this.#forget(push)
    this.emit('state', status)
  }

  #forget(push: Push): void {
    const { status } = push
    const key = streamKey(status)
    const pushes = this.#pushes.get(key)
    if (pushes?.get(status.url) !== push) return
    pushes.delete(status.url)
    if (pushes.size === 0) this.#pushes.delete(key)
  }
}

/**
 * Publishes streams at other servers, from their headers and a keyframe on, with their timestamps. Each destination has
 * its own queue, and is connected again when it fails.
 *
 * @example
 * ```ts
 * const relay = relayPush({ connect, to: ['rtmp://backup.example/live'] })
 * server.use(relay)
 * relay.add('live', 'show', `rtmps://platform.example/app/${streamKey}`)
 * relay.on('state', ({ destination, state, error }) => console.log(destination, state, error))
 * ```
 */
export function relayPush(options: RelayPushOptions): RelayPush {
  return new RelayPush(options, options.connect, options.log)
}
