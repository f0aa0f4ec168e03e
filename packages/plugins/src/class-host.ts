import {
  type Acts,
  type Host,
  type InProcessPlayer,
  type Logger,
  type Plugin,
  type ServerView,
  UsageError,
  type View,
  type ViewOutput,
} from '@rtmpipe/session'
import { PluginLog } from './plugin-log.ts'

/**
 * The host that a class of plugin asked for: there before the plugin is, so that a constructor can keep it. It is a plugin
 * itself, set up just before the other one, and so learns what the server gives.
 */
export class ClassHost implements Host, Plugin {
  readonly log: PluginLog
  readonly server: ServerView
  #name: string
  #use = new AbortController()
  /** What the plugin offers: from its constructor on, and each time it comes into use. */
  readonly #offers: Partial<Acts> = {}
  #host: Host | undefined

  /**
   * @param name that of the class; lines have it as `plugin` until set-up
   * @param log the server's
   */
  constructor(name: string, log: Logger, server: ServerView) {
    this.#name = name
    this.server = server
    this.log = new PluginLog(name, undefined)
    this.log.use({ log: log.child({ plugin: name }) })
  }

  /** That of the plugin, once it is made. */
  get name(): string {
    return this.#name
  }

  /** A new one each time the plugin comes into use again. */
  get signal(): AbortSignal {
    return this.#use.signal
  }

  belongTo({ name }: Plugin): void {
    this.#name = name
  }

  offer<Name extends keyof Acts>(ability: Name, act: Acts[Name]): void {
    Object.assign(this.#offers, { [ability]: act })
    this.#host?.offer(ability, act)
  }

  /** @throws UsageError `RTMP_ERR_USAGE` before the plugin is in use */
  async view(app: string, name: string, who: InProcessPlayer, output: ViewOutput): Promise<View> {
    if (this.#host === undefined) throw new UsageError('RTMP_ERR_USAGE', 'view() before the server listens')
    return this.#host.view(app, name, who, output)
  }

  setup(host: Host): void {
    this.log.use(host)
    this.#host = host
    const { record, relay } = this.#offers
    if (record !== undefined) host.offer('record', record)
    if (relay !== undefined) host.offer('relay', relay)
    if (this.#use.signal.aborted) this.#use = new AbortController()
    const use = this.#use
    host.signal.addEventListener('abort', () => use.abort(), { once: true })
  }
}
