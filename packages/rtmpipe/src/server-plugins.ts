import { UsageError } from '@rtmpipe/chunk-stream'
import type { PluginClass, PluginContainer } from '@rtmpipe/plugins'
import { LOGGER } from '@rtmpipe/plugins/tokens'
import type { Logger, Plugin } from '@rtmpipe/session'
import type { DependencyContainer, InjectionToken } from 'tsyringe'

/**
 * The plugins of one server. Classes need a container, which is loaded for the first of them: tsyringe takes 6 MB, and a
 * program that only connects to servers, or has no classes, needs none.
 */
export class ServerPlugins {
  readonly #parent: DependencyContainer | undefined
  readonly #given: (Plugin | PluginClass)[] = []
  readonly #values: [token: InjectionToken<unknown>, value: unknown][] = []
  #container: PluginContainer | undefined

  /** @param parent where shared dependencies are registered; default tsyringe's root container */
  constructor(parent: DependencyContainer | undefined, log: Logger) {
    this.#parent = parent
    this.provide(LOGGER, log)
  }

  /** Makes a value available to classes. */
  provide<T>(token: InjectionToken<T>, value: T): void {
    if (this.#container === undefined) this.#values.push([token as InjectionToken<unknown>, value])
    else this.#container.provide(token, value)
  }

  use(plugin: Plugin | PluginClass): void {
    this.#given.push(plugin)
  }

  /** Makes what {@link ServerPlugins.resolve} needs, for these plugins too. */
  async load(others: readonly (Plugin | PluginClass)[] = []): Promise<void> {
    const needsContainer = this.#parent !== undefined || [...this.#given, ...others].some(isClass)
    if (!needsContainer || this.#container !== undefined) return
    const { PluginContainer } = await import('@rtmpipe/plugins')
    this.#container = new PluginContainer(this.#parent)
    for (const [token, value] of this.#values) this.#container.provide(token, value)
    for (const plugin of this.#given) this.#container.use(plugin)
  }

  /**
   * All plugins in the order of {@link ServerPlugins.use}, or these instead, each class as its one instance here.
   *
   * @throws when a dependency is not registered
   */
  resolve(plugins?: readonly (Plugin | PluginClass)[]): readonly Plugin[] {
    return this.#container?.resolve(plugins) ?? (plugins ?? this.#given).map(plugin => asPlugin(plugin))
  }

  /** Disposes the plugins that were made here. @param timeout milliseconds to wait for them at most */
  async dispose(timeout: number): Promise<void> {
    await this.#container?.dispose(timeout)
  }
}

function isClass(plugin: Plugin | PluginClass): plugin is PluginClass {
  return typeof plugin === 'function'
}

function asPlugin(plugin: Plugin | PluginClass): Plugin {
  if (!isClass(plugin)) return plugin
  throw new UsageError(
    'RTMP_ERR_USAGE',
    `${plugin.name} is a class, which listen() makes a plugin of: await that first`,
  )
}
