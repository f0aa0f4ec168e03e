import { compliance, type ComplianceCase } from './compliance.ts'
import { PluginBench, type PluginSubject } from './plugin-bench.ts'
import { answerCases } from './plugin-cases/answers.ts'
import { lifetimeCases } from './plugin-cases/lifetime.ts'
import { streamCases } from './plugin-cases/streams.ts'

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
export const pluginCompliance: readonly ComplianceCase<PluginSubject>[] = compliance(
  [...answerCases, ...streamCases, ...lifetimeCases],
  subject => new PluginBench(subject),
)
