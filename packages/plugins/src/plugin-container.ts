import type { Plugin } from '@rtmpipe/session'
import { container, type DependencyContainer, type InjectionToken, injectable, Lifecycle } from 'tsyringe'
import { PLUGIN } from './tokens/index.ts'
import { atMost } from './at-most.ts'

/** A plugin as a class whose constructor asks for its dependencies with `@inject(TOKEN)`. */
export type PluginClass = new (...dependencies: never[]) => Plugin

/**
 * The plugins of one server and what they depend on, in a container of its own: two servers in one process share
 * nothing but what the caller registered in a common parent.
 */
export class PluginContainer implements AsyncDisposable {
  readonly #container: DependencyContainer
  readonly #classes = new Set<PluginClass>()
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
    if (typeof plugin === 'function') this.#container.register(PLUGIN, { useToken: this.#singleton(plugin) })
    else this.#container.register(PLUGIN, { useValue: plugin })
  }

  /** The plugin itself, or the one instance of its class here. @throws when a dependency is not registered */
  instance(plugin: Plugin | PluginClass): Plugin {
    return typeof plugin === 'function' ? this.#container.resolve(this.#singleton(plugin)) : plugin
  }

  /** All plugins in the order of {@link PluginContainer.use}. @throws when a dependency is not registered */
  resolve(): readonly Plugin[] {
    // A child's registrations shadow its parent's, and resolveAll throws when there are none.
    return this.#container.isRegistered(PLUGIN, true) ? this.#container.resolveAll(PLUGIN) : []
  }

  #singleton(plugin: PluginClass): new () => Plugin {
    const made = plugin as new () => Plugin
    if (this.#classes.has(plugin)) return made
    this.#classes.add(plugin)
    // Does the work of the class decorator, so that a plugin's author only has to mark dependencies.
    injectable()(made)
    this.#container.register(made, { useClass: made }, { lifecycle: Lifecycle.Singleton })
    return made
  }

  /**
   * Calls `dispose()` of the plugins made here that have one, and waits for it: for `timeout` milliseconds, for ever when
   * not given. Idempotent.
   */
  async dispose(timeout?: number): Promise<void> {
    this.#disposed ??= Promise.resolve(this.#container.dispose())
    await Promise.race([this.#disposed, ...(timeout === undefined ? [] : [atMost(timeout, this.#disposed)])])
  }

  /** The same without a timeout. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose()
  }
}
