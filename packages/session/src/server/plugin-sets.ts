import { Hooks } from '../hooks.ts'
import type { Logger } from '../logger.ts'
import type { Plugin } from '../plugin.ts'
import type { Listener } from '../transport.ts'

/** Plugins that go together, and the connections that came while they did. */
interface PluginSet {
  readonly plugins: readonly Plugin[]
  readonly hooks: Hooks
  connections: number
}

/** The plugins of a server, which may be replaced while it runs: a connection keeps those it came with. */
export class PluginSets {
  readonly #deadline: number
  readonly #log: Logger
  /** Of those that were replaced only the ones that have connections. */
  readonly #sets = new Map<Hooks, PluginSet>()
  #current: PluginSet
  /** Once the server listens. */
  #listeners: readonly Listener[] | undefined

  /** @param deadline milliseconds a gate, source or call hook may take */
  constructor(plugins: readonly Plugin[], deadline: number, log: Logger) {
    this.#deadline = deadline
    this.#log = log
    this.#current = this.#add(plugins)
  }

  /** A connection has come. Gives the hooks that are its own until it leaves. */
  enter(): Hooks {
    this.#current.connections += 1
    return this.#current.hooks
  }

  /** A connection that was given these hooks has gone. */
  leave(hooks: Hooks): void {
    const set = this.#sets.get(hooks)
    if (set === undefined) return
    set.connections -= 1
    this.#forget(set)
  }

  /** Whoever comes from now on is met by these. Plugins that are new are told of the listeners, if there are any. */
  async replace(plugins: readonly Plugin[]): Promise<void> {
    const known = this.#all()
    const before = this.#current
    this.#current = this.#add(plugins)
    this.#forget(before)
    const added = plugins.filter(plugin => !known.has(plugin))
    if (this.#listeners !== undefined) await this.#hooks(added).notice('onListen', { listeners: this.#listeners })
  }

  async listening(listeners: readonly Listener[]): Promise<void> {
    this.#listeners = listeners
    await this.#hooks([...this.#all()]).notice('onListen', { listeners })
  }

  /** Tells every plugin that has not been told yet. */
  async close(): Promise<void> {
    const all = this.#all()
    this.#sets.clear()
    await this.#hooks([...all]).notice('onClose')
  }

  #add(plugins: readonly Plugin[]): PluginSet {
    const set = { plugins, hooks: this.#hooks(plugins), connections: 0 }
    this.#sets.set(set.hooks, set)
    return set
  }

  /** A set that was replaced ends with its last connection, and with it the plugins that are in no other. */
  #forget(set: PluginSet): void {
    if (set === this.#current || set.connections > 0 || !this.#sets.delete(set.hooks)) return
    const others = this.#all()
    void this.#hooks(set.plugins.filter(plugin => !others.has(plugin))).notice('onClose')
  }

  #all(): Set<Plugin> {
    return new Set([...this.#sets.values()].flatMap(({ plugins }) => plugins))
  }

  #hooks(plugins: readonly Plugin[]): Hooks {
    return new Hooks(plugins, this.#deadline, this.#log)
  }
}
