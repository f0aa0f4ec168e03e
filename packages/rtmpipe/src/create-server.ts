import { UsageError } from '@rtmpipe/chunk-stream'
import { LOGGER, type PluginClass, PluginContainer } from '@rtmpipe/plugins'
import {
  checkOptions,
  checkPlugin,
  type CloseOptions,
  defaultSessionLimits,
  type Listener,
  type LiveStreams,
  type Plugin,
  RtmpServer,
  type RtmpServerOptions,
  type SharedObjects,
  silentLogger,
  type TransportConnection,
  withLimits,
} from '@rtmpipe/session'
import type { DependencyContainer, InjectionToken } from 'tsyringe'

/** What a server is made of; all but the transports has a default. */
export interface ServerOptions extends Omit<RtmpServerOptions, 'plugins'> {
  /** Asked and told in this order: objects, or classes whose dependencies are injected. */
  readonly plugins?: readonly (Plugin | PluginClass)[]
  /** Where dependencies of class plugins are registered; default tsyringe's root container. */
  readonly container?: DependencyContainer
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
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions
  readonly #closeTimeout: number
  readonly #plugins: PluginContainer
  #server: RtmpServer | undefined

  /** @throws UsageError `RTMP_ERR_USAGE` for options, limits or plugins that are none */
  constructor(options: ServerOptions) {
    checkOptions('createServer()', options, known)
    if (!Array.isArray(options.transports))
      throw new UsageError('RTMP_ERR_USAGE', 'createServer() needs transports, for example [tcp()]')
    this.#closeTimeout = withLimits(defaultSessionLimits, options.limits, 'limits').closeTimeout
    this.#options = options
    this.#plugins = new PluginContainer(options.container)
    this.#plugins.provide(LOGGER, options.log ?? silentLogger)
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
   * was there before and is in the list goes on: the same object, or the same class. What is new is told `onListen` if the
   * server listens; what is missing is told `onClose` once the last connection that knows it has left and it feeds no stream.
   *
   * @throws UsageError after {@link Server.close}, and for what is no plugin; nothing has changed then
   */
  async replacePlugins(plugins: readonly (Plugin | PluginClass)[]): Promise<void> {
    for (const plugin of plugins) checkPlugin(plugin, 'objects and classes')
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
    await this.#plugins.dispose(this.#closeTimeout)
  }

  /** Closes the server, see {@link Server.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #use(plugin: Plugin | PluginClass): void {
    checkPlugin(plugin, 'objects and classes')
    this.#plugins.use(plugin)
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
