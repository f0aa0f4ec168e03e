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
  shownName,
  type StreamKey,
  streamKey,
  type StreamAddress,
  type StreamRelay,
  type StreamView,
  UsageError,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { Backoff } from './backoff.ts'
import { askedDestination } from './asked-destination.ts'
import { relayPushDefaults } from './defaults.ts'
import { type Destination, destinationOf, destinationsBelow, urlOf } from './destination.ts'
import { Push, type PushContext } from './push.ts'
import { Pushes } from './pushes.ts'
import { RELAY_CONNECT, type RelayConnect } from './relay-connect.ts'
import { connectBy, type RelayOptions } from './relay-options.ts'
import { RelayPath } from './relay-path.ts'
import type { RelayEvents, RelayStatus } from './relay-status.ts'

/** Options of {@link relayPush}. */
export interface RelayPushOptions extends RelayOptions {
  /**
   * URLs of applications, like `rtmp://host/app`, where every stream is published under its own name; or a function
   * that gives whole URLs, or addresses in two parts, for each stream. Default none.
   */
  readonly to?: readonly string[] | ((info: PublishInfo) => readonly (string | StreamAddress)[])
  /** Pushes of a stream up to which {@link RelayPush.relay} adds one; default 8. */
  readonly maxPerStream?: number
  /** Pushes of all streams up to which {@link RelayPush.relay} adds one; default 1,000. */
  readonly maxPushes?: number
}

const known: Record<keyof RelayPushOptions, true> = {
  connect: true,
  log: true,
  backoff: true,
  proxy: true,
  to: true,
  maxPerStream: true,
  maxPushes: true,
}

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
  /** Asked for while their stream is live, and only for that. */
  readonly #asked = new Set<Push>()
  /** Forgotten already, while the far server is being told. */
  readonly #leaving = new Set<Push>()
  readonly #limits: { readonly maxPerStream: number; readonly maxPushes: number }
  readonly #live = new Map<string, PublishInfo>()
  readonly #pushes = new Pushes()

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
    const { to = [], backoff = {}, proxy } = options
    const { maxPerStream = relayPushDefaults.maxPerStream, maxPushes = relayPushDefaults.maxPushes } = options
    this.#limits = { maxPerStream, maxPushes }
    // Made once here so that wrong waiting times throw at once.
    new Backoff(backoff)
    this.#log = new PluginLog(this.name, log)
    this.#context = {
      by: this.name,
      connect: connectBy(connect, proxy),
      path: this.#path,
      backoff,
      log: this.#log,
      changed: push => this.#changed(push),
      end: push => void this.#end(push),
      change: (push, url) => this.#change(push, url),
    }
    if (typeof to === 'function') this.#to = info => to(info).map(destinationOf)
    else {
      const bases = to.map(destinationsBelow)
      this.#to = ({ streamName }) => bases.map(base => base(streamName))
    }
  }

  /** The status of every push that is under way or was added. */
  get destinations(): readonly RelayStatus[] {
    return [...this.#pushes].map(({ status }) => status)
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
    this.#asked.delete(push)
    const info = this.#live.get(streamKey({ app, streamName }))
    if (info !== undefined) push.start(info.stream)
  }

  /**
   * Pushes a live stream to a URL like `rtmp://host/app/name?query` until it ends, or the relay is ended.
   *
   * @throws UsageError `RTMP_ERR_STREAM_NOT_LIVE` when nobody publishes it, `RTMP_ERR_URL` for what is no such URL or of
   *   another scheme than `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `ws`, `wss` and `rtmfp`, `RTMP_ERR_RELAY_RUNNING` when it goes there already,
   *   `RTMP_ERR_RELAY_LIMIT` when there are too many
   */
  relay(stream: StreamView, url: string): StreamRelay {
    const { app, name: streamName } = stream
    const target = { app, streamName }
    if (!stream.isLive)
      throw new UsageError('RTMP_ERR_STREAM_NOT_LIVE', `nobody publishes ${app}/${shownName(streamName)}`)
    const destination = this.#newDestination(target, url)
    const { maxPerStream, maxPushes } = this.#limits
    const ofStream = this.#pushes.of(target).length
    if (ofStream >= maxPerStream)
      throw new UsageError('RTMP_ERR_RELAY_LIMIT', `the stream is pushed to ${ofStream} servers already`)
    if (this.#pushes.size >= maxPushes)
      throw new UsageError('RTMP_ERR_RELAY_LIMIT', `there are ${this.#pushes.size} pushes of all streams already`)
    const push = this.#pushTo(target, destination)
    this.#asked.add(push)
    push.start(stream)
    return push
  }

  /**
   * Ends a push, whether it was added or comes from `to`. Resolves when the far server has been told; with false if
   * there was none.
   */
  async remove(app: string, streamName: string, from: string | StreamAddress): Promise<boolean> {
    const push = this.#pushes.get({ app, streamName }, urlOf(from))
    if (push === undefined) return false
    await this.#end(push)
    return true
  }

  setup(host: Host): void {
    this.#log.use(host)
    host.offer('relay', (stream, url) => this.relay(stream, url))
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
    for (const push of this.#pushes.of(info)) push.start(info.stream)
  }

  onPublishEnd(info: PublishInfo): void {
    const key = streamKey(info)
    if (this.#live.get(key) === info) this.#live.delete(key)
    for (const push of this.#pushes.of(info)) push.check()
  }

  onStreamEnd({ app, name: streamName }: StreamView): void {
    for (const push of this.#pushes.of({ app, streamName })) {
      if (this.#asked.has(push)) void this.#leave(push, push.finish())
      else push.check()
    }
  }

  async onClose(): Promise<void> {
    await Promise.all([...this.#leaving, ...this.#pushes].map(push => push.stop()))
  }

  /** @throws UsageError when it is none, or the stream goes there already */
  #newDestination(target: StreamKey, url: string): Destination {
    const destination = askedDestination(url)
    if (this.#pushes.get(target, destination.url) !== undefined)
      throw new UsageError('RTMP_ERR_RELAY_RUNNING', `the stream is pushed to ${destination.shown} already`)
    return destination
  }

  #change(push: Push, url: string): void {
    if (!this.#pushes.has(push)) throw new UsageError('RTMP_ERR_STREAM_NOT_LIVE', 'the relay has ended')
    const destination = this.#newDestination(push.status, url)
    this.#pushes.delete(push)
    push.redirect(destination)
    this.#pushes.add(push)
  }

  #end(push: Push): Promise<void> {
    this.#added.delete(push)
    return this.#leave(push, push.stop())
  }

  async #leave(push: Push, end: Promise<void>): Promise<void> {
    this.#forget(push)
    this.#leaving.add(push)
    await end
    this.#leaving.delete(push)
  }

  #pushTo({ app, streamName }: StreamKey, destination: Destination): Push {
    const known = this.#pushes.get({ app, streamName }, destination.url)
    const push = known ?? new Push({ app, streamName }, destination, this.#context)
    this.#pushes.add(push)
    return push
  }

  #changed(push: Push): void {
    const { status } = push
    if (status.state === 'idle' && !this.#added.has(push)) this.#forget(push)
    this.emit('state', status)
  }

  #forget(push: Push): void {
    this.#asked.delete(push)
    this.#pushes.delete(push)
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
