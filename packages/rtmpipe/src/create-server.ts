import { UsageError } from '@rtmpipe/chunk-stream'
import { LOGGER, type PluginClass, PluginContainer } from '@rtmpipe/plugins'
import {
  type CloseOptions,
  type DrainOptions,
  type InProcessPlayer,
  type InProcessPublisher,
  type Listener,
  type LiveStreams,
  type MessageConnection,
  type PeerInfo,
  type Plugin,
  RtmpServer,
  type RtmpServerOptions,
  type SharedObjects,
  silentLogger,
  type Subscription,
  type TransportConnection,
} from '@rtmpipe/session'
import type { Writable } from 'node:stream'
import type { DependencyContainer, InjectionToken } from 'tsyringe'

/** What a server is made of; all but the transports has a default. */
export interface ServerOptions extends RtmpServerOptions {
  /** Where dependencies of class plugins are registered; default tsyringe's root container. */
  readonly container?: DependencyContainer
}

/** An RTMP server: transports, plugins and live streams. Made by {@link createServer}. */
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions
  readonly #plugins: PluginContainer
  #server: RtmpServer | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#plugins = new PluginContainer(options.container)
    this.#plugins.provide(LOGGER, options.log ?? silentLogger)
    for (const plugin of options.plugins ?? []) this.#plugins.use(plugin)
  }

  /**
   * Adds a plugin: an object, or a class whose dependencies are injected. Plugins are asked in this order.
   *
   * @throws UsageError after {@link Server.listen}
   */
  use(plugin: Plugin | PluginClass): this {
    if (this.#server)
      throw new UsageError(
        'RTMP_ERR_USAGE',
        'use() after listen(): a server that has started takes a new list with replacePlugins()',
      )
    this.#plugins.use(plugin)
    return this
  }

  /**
   * Plugins for whoever connects from now on, in this order; connections that are there keep those they came with. What
   * was there before and is in the list goes on: the same object, or the same class. What is new is told `onListen` if the
   * server listens; what is missing is told `onClose` once the last connection that knows it has left and it feeds no stream.
   *
   * @throws UsageError after {@link Server.close}
   */
  async replacePlugins(plugins: readonly (Plugin | PluginClass)[]): Promise<void> {
    await this.#start().replacePlugins(plugins.map(plugin => this.#plugins.instance(plugin)))
  }

  /** Makes a value available to class plugins of this server only. */
  provide<T>(token: InjectionToken<T>, value: T): this {
    this.#plugins.provide(token, value)
    return this
  }

  /** Binds every transport. @throws the system's error (`EADDRINUSE`, …); nothing stays bound then */
  async listen(): Promise<readonly Listener[]> {
    return this.#start().listen()
  }

  /** Serves a connection that was accepted elsewhere, for example by a fastify server of your own. */
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
    return this.#start().play(app, name, who)
  }

  /**
   * Publishes without RTMP, through the gates and counted like every publisher. End the Writable of messages to end the
   * publish; it fails with the StatusError of whoever ends it earlier.
   *
   * @throws StatusError with the code of the gate that refuses, `NetStream.Publish.BadName` when somebody publishes that
   *   stream already, `NetConnection.Connect.Rejected` when the server takes no more connections
   */
  async publish(app: string, name: string, who: InProcessPublisher): Promise<Writable> {
    return this.#start().publish(app, name, who)
  }

  /** What was bound, with the ports that the system chose; empty before {@link Server.listen}. */
  get listeners(): readonly Listener[] {
    return this.#server?.listeners ?? []
  }

  /** The live streams, published or waited for. */
  get streams(): LiveStreams {
    return this.#start().streams
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
    await this.#server?.close(options)
    await this.#plugins[Symbol.asyncDispose]()
  }

  /** Closes the server, see {@link Server.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #start(): RtmpServer {
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
