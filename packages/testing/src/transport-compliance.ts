import { compliance, type ComplianceCase } from './compliance.ts'
import { TransportBench, type TransportSubject } from './transport-bench.ts'
import { byteCases } from './transport-cases/bytes.ts'
import { endingCases } from './transport-cases/endings.ts'
import { handleCases } from './transport-cases/handles.ts'
import { lendingCases } from './transport-cases/lending.ts'
import { listeningCases } from './transport-cases/listening.ts'

/**
 * What every `Transport` must do, as a list of cases for any test runner.
 *
 * @example
 * ```ts
 * const create = () => ({
 *   transport: tcp({ port: 0 }),
 *   dialUrl: ({ address }) => new URL(`rtmp://${address.address}:${address.port}`),
 * })
 * it.each(transportCompliance)('$name', one => one.run(create))
 * ```
 */
export const transportCompliance: readonly ComplianceCase<TransportSubject>[] = compliance(
  [...byteCases, ...endingCases, ...lendingCases, ...listeningCases, ...handleCases],
  subject => new TransportBench(subject),
)
