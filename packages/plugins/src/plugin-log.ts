import { type Host, type Logger, silentLogger } from '@rtmpipe/session'

/** Where a plugin logs to: the log that it was given, or else that of the server that sets it up. */
export class PluginLog implements Logger {
  readonly #given: Logger | undefined
  #log: Logger

  /** @param name the plugin's, which every line has as `plugin` */
  constructor(name: string, given: Logger | undefined) {
    this.#given = given?.child({ plugin: name })
    this.#log = this.#given ?? silentLogger
  }

  /** To be called in `setup`. */
  use({ log }: Pick<Host, 'log'>): void {
    this.#log = this.#given ?? log
  }

  debug(fields: object, message: string): void {
    this.#log.debug(fields, message)
  }

  info(fields: object, message: string): void {
    this.#log.info(fields, message)
  }

  warn(fields: object, message: string): void {
    this.#log.warn(fields, message)
  }

  error(fields: object, message: string): void {
    this.#log.error(fields, message)
  }

  child(fields: Record<string, unknown>): Logger {
    return this.#log.child(fields)
  }
}
