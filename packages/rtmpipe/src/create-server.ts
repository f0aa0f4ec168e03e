import { UsageError } from '@rtmpipe/chunk-stream'
import type { PluginClass } from '@rtmpipe/plugins'
import { SERVER } from '@rtmpipe/plugins/tokens'
import {
  type Abilities,
  checkOptions,
  checkPlugin,
  checkServerOptions,
  type CloseOptions,
  type ConnectionInfo,
  type DrainOptions,
  type DroppedMessages,
  type InProcessPeer,
  type InProcessPlayer,
  type InProcessPublisher,
  defaultSessionLimits,
  type Listener,
  LiveStreams,
  type MessageConnection,
  type PeerInfo,
  type PlayInfo,
  type Plugin,
  RtmpServer,
  type RtmpServerOptions,
  type ServerView,
  type SharedObjects,
  silentLogger,
  type StreamViews,
  type Subscription,
  type Traffic,
  type TransportConnection,
  type View,
  type ViewOutput,
  withLimits,
} from '@rtmpipe/session'
import type { Writable } from 'node:stream'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { ServerPlugins } from './server-plugins.ts'

/** What a server is made of; all but the transports has a default. */
export interface ServerOptions extends Omit<RtmpServerOptions, 'plugins'> {
  /** Asked and told in this order: objects, or classes whose dependencies are injected. */
  readonly plugins?: readonly (Plugin | PluginClass)[]
  /** Where dependencies of class plugins are registered; default tsyringe's root container. */
  readonly container?: DependencyContainer
}

const none = { audio: 0, video: 0, data: 0 }

/** A server that has not started yet. */
const nothing: ServerView = {
  connections: new Set(),
  streams: new LiveStreams(),
  players: new Set(),
  traffic: new Map(),
  dropped: { lag: none, keyframe: none },
  isDraining: false,
  abilities: { record: undefined, relay: undefined, openFile: undefined },
  mayPlay: async () => false,
}

/** A record, so that the compiler finds an option that is missing here. */
const known: Record<keyof ServerOptions, true> = {
  transports: true,
  plugins: true,
  container: true,
  stages: true,
  limits: true,
  whenSlow: true,
  publishWait: true,
  sharedObjects: true,
  rtmpe: true,
  swf: true,
  log: true,
  mergeWindow: true,
  gopCache: true,
}

/** An RTMP server: transports, plugins and live streams. Made by {@link createServer}. */
export class Server implements ServerView, AsyncDisposable {
  readonly #options: ServerOptions
  readonly #plugins: ServerPlugins
  readonly #closeTimeout: number
  #server: RtmpServer | undefined
  #isClosed = false

  /** @throws UsageError `RTMP_ERR_USAGE` for options, limits or plugins that are none */
  constructor(options: ServerOptions) {
    checkOptions('createServer()', options, known)
    checkServerOptions(options)
    this.#closeTimeout = withLimits(defaultSessionLimits, options.limits, 'limits').closeTimeout
    this.#options = options
    this.#plugins = new ServerPlugins(options.container, options.log ?? silentLogger)
    this.#plugins.provide(SERVER, this.#view())
    for (const plugin of options.plugins ?? []) this.#use(plugin)
  }

  /**
   * Adds a plugin: an object, or a class whose dependencies are injected. Plugins are asked in this order.
   *
   * @throws UsageError after {@link Server.listen}, and for what is no plugin
   */
  use(plugin: Plugin | PluginClass): this {
    if (this.#server)
      throw new UsageError(
        'RTMP_ERR_USAGE',
        'use() after listen(): a server that has started takes a new list with replacePlugins()',
      )
    this.#use(plugin)
    return this
  }

  /**
   * Plugins for whoever connects from now on, in this order; connections that are there keep those they came with. What
   * was there before and is in the list goes on: the same object, or the same class. What is new is set up, and told
   * `onListen` if the server listens; what is missing is told `onClose` once the last connection that knows it has left and it feeds no stream.
   *
   * @throws UsageError after {@link Server.close}, and for what is no plugin; PluginError when one could not be set up.
   *   Nothing has changed then
   */
  async replacePlugins(plugins: readonly (Plugin | PluginClass)[]): Promise<void> {
    for (const plugin of plugins) checkPlugin(plugin, 'objects and classes')
    await this.#plugins.load(plugins)
    await this.#start().replacePlugins(this.#plugins.resolve(plugins))
  }

  /** Makes a value available to class plugins of this server only. */
  provide<T>(token: InjectionToken<T>, value: T): this {
    this.#plugins.provide(token, value)
    return this
  }

  /**
   * Sets up the plugins, then binds every transport; nothing stays bound if that fails.
   *
   * @throws PluginError when a plugin could not be set up, the system's error (`EADDRINUSE`, …)
   */
  async listen(): Promise<readonly Listener[]> {
    await this.#plugins.load()
    return this.#start().listen()
  }

  /**
   * Serves a connection that was accepted elsewhere, for example by a fastify server of your own. If the server does not
   * listen, the first one has the plugins set up: connections wait for that, and are refused when it fails.
   *
   * @throws UsageError before {@link Server.listen} when there are plugins that are classes
   */
  accept(connection: TransportConnection): void {
    this.#start().accept(connection)
  }

  /** Serves one message connection; for carriers that have no chunk stream. */
  serve(messages: MessageConnection, peer: PeerInfo): void {
    this.#start().serve(messages, peer)
  }

  /**
   * Plays without RTMP, through the gates and counted like every player: for viewers over HTTP, recorders of your own. The
   * Readable ends with the publish (unless `follow` is set) or with the recording, and fails with the StatusError of whoever
   * ends it earlier.
   *
   * @throws StatusError with the code of the gate that refuses, or `NetConnection.Connect.Rejected` when the server takes no
   *   more connections
   */
  async play(app: string, name: string, who: InProcessPlayer): Promise<Subscription> {
    await this.#plugins.load()
    return this.#start().play(app, name, who)
  }

  /**
   * Plays without RTMP for many viewers: as {@link Server.play}, but what is played goes to `output` in the batches that all
   * players share, so that it can be packed once for all.
   *
   * @throws StatusError as {@link Server.play} does
   */
  async view(app: string, name: string, who: InProcessPlayer, output: ViewOutput): Promise<View> {
    await this.#plugins.load()
    return this.#start().view(app, name, who, output)
  }

  /**
   * Publishes without RTMP, through the gates and counted like every publisher. End the Writable of messages to end the
   * publish; it fails with the StatusError of whoever ends it earlier.
   *
   * @throws StatusError with the code of the gate that refuses, `NetStream.Publish.BadName` when somebody publishes that
   *   stream already, `NetConnection.Connect.Rejected` when the server takes no more connections
   */
  async publish(app: string, name: string, who: InProcessPublisher): Promise<Writable> {
    await this.#plugins.load()
    return this.#start().publish(app, name, who)
  }

  /**
   * Whether the gates would let somebody play: nothing begins, and nobody is counted or told of.
   *
   * @throws UsageError `RTMP_ERR_USAGE` when it is not said who it is
   */
  async mayPlay(app: string, name: string, who: InProcessPeer): Promise<boolean> {
    await this.#plugins.load()
    return this.#start().mayPlay(app, name, who)
  }

  /** What was bound, with the ports that the system chose; empty before {@link Server.listen}. */
  get listeners(): readonly Listener[] {
    return this.#server?.listeners ?? []
  }

  /** Streams that are published, fed by a plugin, or waited for. */
  get streams(): StreamViews {
    return this.#start().streams
  }

  /** All connections, also those whose `connect` was not accepted yet. */
  get connections(): ReadonlySet<ConnectionInfo> {
    return this.#start().connections
  }

  /** All plays in progress, of live streams and of private sources. */
  get players(): ReadonlySet<PlayInfo> {
    return this.#start().players
  }

  /** What came and went since the start, by transport (`rtmp`, `rtmps`, …): those that somebody has come by. */
  get traffic(): ReadonlyMap<string, Traffic> {
    return this.#start().traffic
  }

  /** What players were not sent since the start, those who have left included. */
  get dropped(): DroppedMessages {
    return this.#start().dropped
  }

  /** True when nobody new is let in any more: from {@link Server.drain} or {@link Server.close} on. */
  get isDraining(): boolean {
    return this.#isClosed || (this.#server?.isDraining ?? false)
  }

  /** What can be asked of its plugins, such as to record a stream. */
  get abilities(): Abilities {
    return this.#start().abilities
  }

  /** The shared objects that are in use. */
  get sharedObjects(): SharedObjects {
    return this.#start().sharedObjects
  }

  /**
   * Takes nobody new and lets those who are there finish; closes when all have left or the time is over. {@link Server.close}
   * ends the wait. With `reconnectTo`, clients that know of such requests are asked to connect there.
   */
  async drain(options?: DrainOptions): Promise<void> {
    await this.#server?.drain(options)
    await this.close()
  }

  /**
   * Stops accepting, ends every session properly, disposes the plugins. Idempotent. With `reconnectTo`, clients that know
   * of such requests are asked to connect there first.
   */
  async close(options?: CloseOptions): Promise<void> {
    this.#isClosed = true
    await this.#server?.close(options)
    await this.#plugins.dispose(this.#closeTimeout)
  }

  /** Closes the server, see {@link Server.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** For plugins that are made before the server is: reading it does not start the server. */
  #view(): ServerView {
    const server = (): ServerView => this.#server ?? nothing
    return {
      get connections() {
        return server().connections
      },
      get streams() {
        return server().streams
      },
      get players() {
        return server().players
      },
      get traffic() {
        return server().traffic
      },
      get dropped() {
        return server().dropped
      },
      get isDraining() {
        return server().isDraining
      },
      get abilities() {
        return server().abilities
      },
      mayPlay: (app, name, who) => server().mayPlay(app, name, who),
    }
  }

  #use(plugin: Plugin | PluginClass): void {
    checkPlugin(plugin, 'objects and classes')
    this.#plugins.use(plugin)
  }

  #start(): RtmpServer {
    if (this.#isClosed && this.#server === undefined) throw new UsageError('RTMP_ERR_USAGE', 'the server is closed')
    this.#server ??= new RtmpServer({ ...this.#options, plugins: this.#plugins.resolve() })
    return this.#server
  }
}

/**
 * Makes a server.
 *
 * @example
 * ```ts
 * const server = createServer({ transports: [tcp({ port: 1935 })] })
 * await server.listen()
 * ```
 */
export function createServer(options: ServerOptions): Server {
  return new Server(options)
}
