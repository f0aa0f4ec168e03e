import { defaultSessionLimits } from '../contract/limits.ts'
import { checkPlugin } from './check-plugin.ts'
import { Hooks } from './hooks.ts'
import { Offers } from './offers.ts'
import type { Host } from '../contract/host.ts'
import type { Logger } from '../contract/logger.ts'
import type { NoticeHooks, Plugin } from '../contract/plugin.ts'
import type { Source } from '../contract/source.ts'
import type { Listener } from '../contract/transport.ts'
import { PluginUses } from './plugin-uses.ts'

/** The hooks of one set. A shared source may have players of other sets: its plugin is needed as long as it is open. */
class SetHooks extends Hooks {
  /** Called when a source opens; the function it returns is called when the source has closed. */
  use: () => () => void = () => () => {}

  override async source(event: Parameters<Hooks['source']>[0]): Promise<Source | undefined> {
    const source = await super.source(event)
    if (source?.kind !== 'shared') return source
    const { linger = 0, reopen = false } = source
    const open = () => {
      const messages = source.open()
      const done = this.use()
      // Whether it opens again is decided when it has closed.
      messages.once('close', () => setImmediate(done))
      return messages
    }
    return { kind: 'shared', linger, reopen, open }
  }
}

/** A set of plugins, and what needs it: the connections that came while it was in use, and its open sources. */
interface PluginSet {
  readonly plugins: readonly Plugin[]
  readonly hooks: Hooks
  users: number
}

/** The plugins of a server, which may be replaced while it runs: a connection keeps those it came with. */
export class PluginSets {
  readonly #deadline: number
  readonly #log: Logger
  readonly #closeTimeout: number
  readonly #uses: PluginUses
  /** What the present plugins offer to do. */
  readonly abilities: Offers = new Offers(() => this.#current.plugins)
  #isSetUp = false
  /** The first set-up, kept for all who wait for it or come after it has failed. */
  #firstSetUp: Promise<void> | undefined
  /** A set-up that is under way, the first one or that of a replacement. */
  #setUp: Promise<void> | undefined
  /** The present set, and replaced sets that are still needed. */
  readonly #sets = new Map<Hooks, PluginSet>()
  #current: PluginSet
  /** Plugins of ended sets whose `onClose` is still running. */
  readonly #endings = new Set<Promise<void>>()
  /** Once the server listens. */
  #listeners: readonly Listener[] | undefined

  /**
   * @param deadline milliseconds a gate, commit, source or call hook may take
   * @param shown what plugins are given of the server
   * @param closeTimeout milliseconds `onClose` is waited for
   * @throws UsageError `RTMP_ERR_USAGE` for what is no plugin
   */
  constructor(
    plugins: readonly Plugin[],
    deadline: number,
    log: Logger,
    shown: Pick<Host, 'server' | 'view'>,
    closeTimeout: number = defaultSessionLimits.closeTimeout,
  ) {
    this.#deadline = deadline
    this.#log = log
    this.#uses = new PluginUses(shown, this.abilities, deadline, log)
    this.#closeTimeout = closeTimeout
    for (const plugin of plugins) checkPlugin(plugin)
    this.#current = this.#add(plugins)
  }

  /**
   * Sets up the plugins; only the first call does anything. When one fails, only those that were set up before it remain
   * to be told `onClose`, and nobody may be let in.
   *
   * @returns nothing when there is nothing to wait for
   * @throws PluginError of the plugin that failed, in the promise
   */
  setUp(): Promise<void> | undefined {
    if (this.#isSetUp) return undefined
    const { plugins } = this.#current
    if (this.#firstSetUp === undefined && !this.#uses.mustWait(plugins)) {
      this.#isSetUp = true
      void this.#uses.begin(plugins)
      return undefined
    }
    this.#firstSetUp ??= this.#await(this.#uses.begin(plugins)).then(
      () => void (this.#isSetUp = true),
      (error: unknown) => {
        this.#sets.clear()
        this.#current = this.#add(plugins.filter(plugin => this.#uses.has(plugin)))
        throw error
      },
    )
    return this.#firstSetUp
  }

  /** Gives up a set-up that is under way. */
  cancelSetUp(): void {
    this.#uses.cancel()
  }

  /** A connection has come. Gives the hooks that are its own until it leaves. */
  enter(): Hooks {
    this.#current.users += 1
    return this.#current.hooks
  }

  /** A connection that was given these hooks has gone. */
  leave(hooks: Hooks): void {
    const set = this.#sets.get(hooks)
    if (set !== undefined) this.#leave(set)
  }

  /**
   * New connections get these plugins from now on. New plugins are told of the listeners, if there are any.
   *
   * @throws UsageError `RTMP_ERR_USAGE` for what is no plugin, PluginError when one could not be set up; the plugins are
   *   those from before then
   */
  async replace(plugins: readonly Plugin[]): Promise<void> {
    for (const plugin of plugins) checkPlugin(plugin)
    while (this.#setUp !== undefined) await this.#setUp.catch(() => {})
    const unused = plugins.filter(plugin => !this.#uses.has(plugin))
    if (this.#isSetUp && this.#uses.mustWait(unused)) await this.#await(this.#setUpOrNone(unused))
    else if (this.#isSetUp) void this.#uses.begin(unused)
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

  /**
   * Tells `onClose` to every plugin that has not been told yet. Resolves when all plugins have ended, earlier ones
   * included, or when they have had `closeTimeout` to do so.
   */
  async close(): Promise<void> {
    while (this.#setUp !== undefined) await this.#setUp.catch(() => {})
    // Decides who is left when it has failed.
    await this.#firstSetUp?.catch(() => {})
    const all = this.#all()
    this.#sets.clear()
    this.#uses.end(all)
    await Promise.all([...this.#endings, this.#hooks([...all]).notice('onClose')])
  }

  /** Tells every plugin that is in use. */
  notice<K extends keyof NoticeHooks>(hook: K, ...event: Parameters<NonNullable<NoticeHooks[K]>>): Promise<void> {
    return this.#hooks([...this.#all()]).notice(hook, ...event)
  }

  async #await(setUp: Promise<void>): Promise<void> {
    this.#setUp = setUp
    try {
      await setUp
    } finally {
      this.#setUp = undefined
    }
  }

  /** When one fails, those before it are ended again. */
  async #setUpOrNone(plugins: readonly Plugin[]): Promise<void> {
    try {
      await this.#uses.begin(plugins)
    } catch (error) {
      const begun = plugins.filter(plugin => this.#uses.has(plugin))
      this.#uses.end(begun)
      await this.#hooks(begun).notice('onClose')
      throw error
    }
  }

  #add(plugins: readonly Plugin[]): PluginSet {
    const hooks = new SetHooks(plugins, this.#deadline, this.#log)
    const set: PluginSet = { plugins, hooks, users: 0 }
    hooks.use = () => {
      set.users += 1
      return () => this.#leave(set)
    }
    this.#sets.set(hooks, set)
    return set
  }

  #leave(set: PluginSet): void {
    set.users -= 1
    this.#forget(set)
  }

  /** A replaced set ends when nothing needs it any more; then plugins end that are in no other set. */
  #forget(set: PluginSet): void {
    if (set === this.#current || set.users > 0 || !this.#sets.delete(set.hooks)) return
    const others = this.#all()
    const ended = set.plugins.filter(plugin => !others.has(plugin))
    this.#uses.end(ended)
    const ending = this.#hooks(ended)
      .notice('onClose')
      .then(() => void this.#endings.delete(ending))
    this.#endings.add(ending)
  }

  #all(): Set<Plugin> {
    return new Set([...this.#sets.values()].flatMap(({ plugins }) => plugins))
  }

  #hooks(plugins: readonly Plugin[]): Hooks {
    return new Hooks(plugins, this.#deadline, this.#log, this.#closeTimeout)
  }
}
