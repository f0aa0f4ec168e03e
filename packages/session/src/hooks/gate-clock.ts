import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { Refusal } from '../contract/denial.ts'
import { PluginError } from '../contract/errors.ts'
import type { GateResult, GateTiming } from '../contract/gate-timing.ts'

/** Measures how long a plugin takes for its answer. Made only when somebody wants to know. */
export class GateClock {
  readonly #asked: Pick<GateTiming, 'hook' | 'plugin' | 'connection'>
  readonly #begin = performance.now()

  constructor(hook: GateTiming['hook'], plugin: string, connection: ConnectionInfo) {
    this.#asked = { hook, plugin, connection }
  }

  /**
   * @param answer what the plugin has answered, or the PluginError that stands for it
   * @param denial what becomes of it
   */
  stop(answer: unknown, denial: Refusal | undefined): GateTiming {
    const duration = performance.now() - this.#begin
    const result = this.#resultOf(answer, denial)
    const isTold = result === 'denied' || result === 'failed'
    return { ...this.#asked, duration, result, ...(isTold && denial && { code: denial.code }) }
  }

  #resultOf(answer: unknown, denial: Refusal | undefined): GateResult {
    if (denial === undefined) return 'allowed'
    if (!(answer instanceof PluginError)) return (answer as Partial<Refusal>).denied === true ? 'denied' : 'failed'
    return this.#asked.connection.signal.aborted ? 'abandoned' : 'failed'
  }
}
