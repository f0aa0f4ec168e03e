import { UsageError } from '@rtmpipe/chunk-stream'
import type { PluginClass } from '@rtmpipe/plugins'
import {
  type CloseOptions,
  type Listener,
  type LiveStreams,
  type Plugin,
  RtmpServer,
  type RtmpServerOptions,
  type SharedObjects,
  silentLogger,
  type TransportConnection,
} from '@rtmpipe/session'
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import { ServerPlugins } from './server-plugins.ts'

/** What a server is made of; all but the transports has a default. */
export interface ServerOptions extends RtmpServerOptions {
  /** Where dependencies of class plugins are registered; default tsyringe's root container. */
  readonly container?: DependencyContainer
}

/** An RTMP server: transports, plugins and live streams. Made by {@link createServer}. */
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions
  readonly #plugins: ServerPlugins
  #server: RtmpServer | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#plugins = new ServerPlugins(options.container, options.log ?? silentLogger)
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
    await this.#plugins.load(plugins)
    await this.#start().replacePlugins(plugins.map(plugin => this.#plugins.instance(plugin)))
  }

  /** Makes a value available to class plugins of this server only. */
  provide<T>(token: InjectionToken<T>, value: T): this {
    this.#plugins.provide(token, value)
    return this
  }

  /** Binds every transport. @throws the system's error (`EADDRINUSE`, …); nothing stays bound then */
  async listen(): Promise<readonly Listener[]> {
    await this.#plugins.load()
    return this.#start().listen()
  }

  /**
   * Serves a connection that was accepted elsewhere, for example by a fastify server of your own.
   *
   * @throws UsageError before {@link Server.listen} when there are plugins that are classes
   */
  accept(connection: TransportConnection): void {
    this.#start().accept(connection)
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
