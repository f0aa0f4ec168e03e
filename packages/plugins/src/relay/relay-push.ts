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
  /** Pushes of a stream up to which {@link RelayPush.relay} adds one; default 8. */
  readonly maxPerStream?: number
  /** Pushes of all streams up to which {@link RelayPush.relay} adds one; default 1,000. */
  readonly maxPushes?: number
}

const known: Record<keyof RelayPushOptions, true> = {
  connect: true,
  log: true,
  backoff: true,
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
  readonly #limits: { readonly maxPerStream: number; readonly maxPushes: number }
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
    const { maxPerStream = relayPushDefaults.maxPerStream, maxPushes = relayPushDefaults.maxPushes } = options
    this.#limits = { maxPerStream, maxPushes }
    // Made once here so that wrong waiting times throw at once.
    new Backoff(backoff)
    this.#log = new PluginLog(this.name, log)
    this.#context = {
      by: this.name,
      connect,
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
    if (info !== undefined) push.start(info.stream)
  }

  /**
   * Pushes a live stream to a URL like `rtmp://host/app/name?query` until it ends, or the relay is ended.
   *
   * @throws UsageError `RTMP_ERR_STREAM_NOT_LIVE` when nobody publishes it, `RTMP_ERR_URL` for what is no such URL or of
   *   another scheme than `rtmp`, `rtmps`, `rtmpt` and `rtmpts`, `RTMP_ERR_RELAY_RUNNING` when it goes there already,
   *   `RTMP_ERR_RELAY_LIMIT` when there are too many
   */
  relay(stream: StreamView, url: string): StreamRelay {
    const { app, name: streamName } = stream
    const target = { app, streamName }
    if (!stream.isLive)
      throw new UsageError('RTMP_ERR_STREAM_NOT_LIVE', `nobody publishes ${app}/${shownName(streamName)}`)
    const destination = this.#newDestination(target, url)
    const { maxPerStream, maxPushes } = this.#limits
    const ofStream = this.#pushes.get(streamKey(target))?.size ?? 0
    if (ofStream >= maxPerStream)
      throw new UsageError('RTMP_ERR_RELAY_LIMIT', `the stream is pushed to ${ofStream} servers already`)
    if (this.#count >= maxPushes)
      throw new UsageError('RTMP_ERR_RELAY_LIMIT', `there are ${this.#count} pushes of all streams already`)
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
    const push = this.#pushes.get(streamKey({ app, streamName }))?.get(urlOf(from))
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
    for (const push of this.#pushes.get(key)?.values() ?? []) push.start(info.stream)
  }

  onPublishEnd(info: PublishInfo): void {
    const key = streamKey(info)
    if (this.#live.get(key) === info) this.#live.delete(key)
    for (const push of this.#pushes.get(key)?.values() ?? []) push.check()
  }

  onStreamEnd({ app, name: streamName }: StreamView): void {
    for (const push of this.#pushes.get(streamKey({ app, streamName }))?.values() ?? []) {
      if (this.#asked.has(push)) void this.#end(push)
      else push.check()
    }
  }

  async onClose(): Promise<void> {
    const pushes = [...this.#pushes.values()].flatMap(each => [...each.values()])
    await Promise.all(pushes.map(push => push.stop()))
  }

  get #count(): number {
    return [...this.#pushes.values()].reduce((sum, pushes) => sum + pushes.size, 0)
  }

  /** @throws UsageError when it is none, or the stream goes there already */
  #newDestination(target: { readonly app: string; readonly streamName: string }, url: string): Destination {
    const destination = askedDestination(url)
    if (this.#pushes.get(streamKey(target))?.has(destination.url))
      throw new UsageError('RTMP_ERR_RELAY_RUNNING', `the stream is pushed to ${destination.shown} already`)
    return destination
  }

  #change(push: Push, url: string): void {
    const { status } = push
    const pushes = this.#pushes.get(streamKey(status))
    if (pushes?.get(status.url) !== push) throw new UsageError('RTMP_ERR_STREAM_NOT_LIVE', 'the relay has ended')
    const destination = this.#newDestination(status, url)
    pushes.delete(status.url)
    pushes.set(destination.url, push)
    push.redirect(destination)
  }

  async #end(push: Push): Promise<void> {
    this.#added.delete(push)
    this.#forget(push)
    await push.stop()
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
    this.#asked.delete(push)
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
