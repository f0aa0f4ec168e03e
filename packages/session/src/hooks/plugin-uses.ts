import { PluginError } from '../contract/errors.ts'
import type { Host } from '../contract/host.ts'
import type { Logger } from '../contract/logger.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { Offers } from './offers.ts'

/** The use of plugins by one server: each is set up once, and its signal tells it of the end. */
export class PluginUses {
  readonly #uses = new Map<Plugin, AbortController>()
  readonly #log: Logger
  readonly #shown: Pick<Host, 'server' | 'view'>
  readonly #offers: Offers
  readonly #patience: number
  /** Its set-up is under way. */
  #pending: AbortController | undefined
  #isCancelled = false

  /**
   * @param offers where what they offer to do is kept
   * @param patience milliseconds after which a set-up that is not done is logged
   */
  constructor(shown: Pick<Host, 'server' | 'view'>, offers: Offers, patience: number, log: Logger) {
    this.#shown = shown
    this.#offers = offers
    this.#patience = patience
    this.#log = log
  }

  has(plugin: Plugin): boolean {
    return this.#uses.has(plugin)
  }

  /** True when one of these is new and has something to set up. */
  mustWait(plugins: readonly Plugin[]): boolean {
    return plugins.some(plugin => plugin.setup !== undefined && !this.#uses.has(plugin))
  }

  /**
   * Sets up those that are new, one after another. When one fails, the others before it are in use all the same.
   *
   * @throws PluginError of the one that failed
   */
  async begin(plugins: readonly Plugin[]): Promise<void> {
    for (const plugin of plugins) {
      if (this.#uses.has(plugin)) continue
      const use = new AbortController()
      if (plugin.setup !== undefined) await this.#setUp(plugin, use)
      this.#uses.set(plugin, use)
    }
  }

  /** Gives up the set-up that is under way, and begins none any more. */
  cancel(): void {
    this.#isCancelled = true
    this.#pending?.abort()
  }

  /** Tells plugins by their signal that they are used no more. */
  end(plugins: Iterable<Plugin>): void {
    for (const plugin of plugins) {
      this.#uses.get(plugin)?.abort()
      this.#uses.delete(plugin)
      this.#offers.withdraw(plugin)
    }
  }

  async #setUp(plugin: Plugin, use: AbortController): Promise<void> {
    if (this.#isCancelled) throw new PluginError(plugin.name, 'setup', 'the server is closed')
    const log = this.#log.child({ plugin: plugin.name })
    const { signal } = use
    const cancelled = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the server was closed meanwhile')), { once: true })
    })
    // Later the signal tells of the end of use.
    cancelled.catch(() => {})
    const reminder = setTimeout(() => log.warn({ hook: 'setup' }, 'the set-up is not done yet'), this.#patience)
    this.#pending = use
    try {
      await Promise.race([plugin.setup?.(this.#host(plugin, log, signal)), cancelled])
    } catch (cause) {
      use.abort()
      this.#offers.withdraw(plugin)
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new PluginError(plugin.name, 'setup', message, { cause })
    } finally {
      this.#pending = undefined
      clearTimeout(reminder)
    }
  }

  #host(plugin: Plugin, log: Logger, signal: AbortSignal): Host {
    const offer: Host['offer'] = (ability, act) => {
      if (!signal.aborted) this.#offers.add(plugin, ability, act)
    }
    return { ...this.#shown, log, signal, offer }
  }
}
