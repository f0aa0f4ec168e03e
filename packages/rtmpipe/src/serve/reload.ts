import { type Logger, silentLogger } from '@rtmpipe/session'
import { ConfigError } from '../config/config-error.ts'
import type { ServeConfig } from '../sections/index.ts'
import { CliError } from './cli-error.ts'
import { configChanges } from './changes.ts'
import { PartialUpdateError } from './partial-update-error.ts'

/** How a configuration is read and taken over. */
export interface Reloadable {
  /** @throws ConfigError or CliError when it is wrong */
  load(): Promise<ServeConfig>
  /** Is given what may change while the server runs; the rest is as it was. */
  update(config: ServeConfig): Promise<void>
  /** Told before it is read again, and when that is over, however it came out. */
  begins?(): void
  ends?(): void
}

/**
 * Reads the configuration again on SIGHUP. One that is wrong changes nothing. From the moment that there is one, SIGHUP does
 * not end the process.
 */
export class Reload {
  #log: Logger = silentLogger
  #target: Reloadable | undefined
  #config: ServeConfig | undefined
  /** Those who have asked, to be told what came of it. */
  readonly #asked: ((error: unknown) => void)[] = []
  #isRunning = false

  readonly #onSignal = (): void => void this.ask().catch(() => {})

  constructor() {
    process.on('SIGHUP', this.#onSignal)
  }

  /** SIGHUP is again what it was. */
  cancel(): void {
    process.off('SIGHUP', this.#onSignal)
  }

  /** Reads it now, or as soon as there is one. @throws ConfigError or CliError when it can't be taken over; it is logged */
  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push(error => (error === undefined ? resolve() : reject(error as Error)))
      void this.#run()
    })
  }

  /** From now on, and for what was asked for before. */
  begin(config: ServeConfig, target: Reloadable, log: Logger): void {
    this.#log = log
    this.#config = config
    this.#target = target
    void this.#run()
  }

  /** One after the other; whoever asks meanwhile is answered by the next. */
  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#asked.length > 0 && this.#target !== undefined && this.#config !== undefined) {
      const asked = this.#asked.splice(0)
      this.#target.begins?.()
      const error = await this.#reload(this.#config, this.#target)
      this.#target.ends?.()
      for (const answer of asked) answer(error)
    }
    this.#isRunning = false
  }

  /** @returns why it can't be taken over, if so */
  async #reload(before: ServeConfig, target: Reloadable): Promise<unknown> {
    try {
      const { config, changed, afterRestart } = configChanges(before, await target.load())
      await target.update(config)
      this.#config = config
      if (afterRestart.length > 0)
        this.#log.warn({ settings: afterRestart }, `takes effect after a restart: ${afterRestart.join(', ')}`)
      const what = changed.length === 0 ? 'nothing has changed' : `changed: ${changed.join(', ')}`
      this.#log.info({ changed }, `configuration read again, ${what}`)
      return undefined
    } catch (error) {
      const isOurs = error instanceof ConfigError || error instanceof CliError
      const problems = error instanceof ConfigError ? error.problems : [(error as Error).message]
      const outcome =
        error instanceof PartialUpdateError
          ? 'the configuration is taken over in part: correct it and reload, or restart'
          : 'the configuration can not be taken over, and stays as it was'
      this.#log.error({ problems, ...(!isOurs && { err: error }) }, outcome)
      return error
    }
  }
}
