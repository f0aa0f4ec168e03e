import type { Plugin } from '@rtmpipe/session'
import { container, type DependencyContainer, type InjectionToken } from 'tsyringe'
import { atMost } from './at-most.ts'
import type { ClassHost } from './class-host.ts'
import { ClassPlugin, type PluginClass } from './class-plugin.ts'
import { PLUGIN } from './tokens/index.ts'

/**
 * The plugins of one server and what they depend on, in a container of its own: two servers in one process share
 * nothing but what the caller registered in a common parent.
 */
export class PluginContainer implements AsyncDisposable {
  readonly #container: DependencyContainer
  readonly #classes = new Map<PluginClass, ClassPlugin>()
  /** By the plugins that asked for them. */
  readonly #hosts = new Map<Plugin, ClassHost>()
  #disposed: Promise<void> | undefined

  /** @param parent where shared dependencies are registered; default tsyringe's root */
  constructor(parent: DependencyContainer = container) {
    this.#container = parent.createChildContainer()
  }

  /** Makes a value available to plugins. */
  provide<T>(token: InjectionToken<T>, value: T): void {
    this.#container.register(token, { useValue: value })
  }

  /** Adds a plugin: an object as it is, a class to be made once when the server starts. */
  use(plugin: Plugin | PluginClass): void {
    this.#container.register(PLUGIN, { useFactory: () => this.#instance(plugin) })
  }

  /**
   * All plugins in the order of {@link PluginContainer.use}, or these: objects as they are, classes as their one instance
   * here. The `HOST` of a class that asked for it comes just before its plugin, to be set up with it.
   *
   * @throws when a dependency is not registered
   */
  resolve(plugins?: readonly (Plugin | PluginClass)[]): readonly Plugin[] {
    const instances = plugins?.map(plugin => this.#instance(plugin)) ?? this.#all()
    return instances.flatMap(plugin => [this.#hosts.get(plugin) ?? [], plugin].flat())
  }

  /**
   * Calls `dispose()` of the plugins made here that have one, and waits for it: for `timeout` milliseconds, for ever when
   * not given. Idempotent.
   */
  async dispose(timeout?: number): Promise<void> {
    this.#disposed ??= this.#dispose()
    await Promise.race([this.#disposed, ...(timeout === undefined ? [] : [atMost(timeout, this.#disposed)])])
  }

  /** The same without a timeout. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }

  #all(): readonly Plugin[] {
    // A child's registrations shadow its parent's, and resolveAll throws when there are none.
    return this.#container.isRegistered(PLUGIN, true) ? this.#container.resolveAll(PLUGIN) : []
  }

  #instance(plugin: Plugin | PluginClass): Plugin {
    if (typeof plugin !== 'function') return plugin
    const made = this.#classes.get(plugin) ?? new ClassPlugin(plugin, this.#container)
    this.#classes.set(plugin, made)
    const { instance, host } = made
    if (host !== undefined) this.#hosts.set(instance, host)
    return instance
  }

  async #dispose(): Promise<void> {
    await Promise.all([this.#container.dispose(), ...[...this.#classes.values()].map(made => made.dispose())])
  }
}
