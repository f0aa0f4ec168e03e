import type { Awaitable } from '@rtmpipe/session'
import { PluginBench, type PluginSubject } from './plugin-bench.ts'
import { answerCases } from './plugin-cases/answers.ts'
import { lifetimeCases } from './plugin-cases/lifetime.ts'
import { streamCases } from './plugin-cases/streams.ts'

/** One case of {@link pluginCompliance}. */
export interface PluginComplianceCase {
  /** What the plugin does, as the title of a test. */
  readonly name: string
  /** Makes a subject, runs the case on it and cleans up; rejects when the plugin does not comply. */
  readonly run: (create: () => Awaitable<PluginSubject>) => Promise<void>
}

/**
 * What every `Plugin` must do, as a list of cases for any test runner. They run it in servers in memory, where a client
 * publishes and plays what the subject names; whether it is let in is the plugin's business.
 *
 * @example
 * ```ts
 * const create = () => ({ plugin: tokenAuth({ secret }), path: `live/name?token=${token}` })
 * it.each(pluginCompliance)('$name', one => one.run(create))
 * ```
 */
export const pluginCompliance: readonly PluginComplianceCase[] = [...answerCases, ...streamCases, ...lifetimeCases].map(
  ({ name, run }) => ({
    name,
    async run(create) {
      const bench = new PluginBench(await create())
      try {
        await run(bench)
      } catch (error) {
        // Whatever goes wrong while cleaning up after a failure is only a consequence of it.
        await bench.clear().catch(() => {})
        throw error
      }
      await bench.clear()
    },
  }),
)
