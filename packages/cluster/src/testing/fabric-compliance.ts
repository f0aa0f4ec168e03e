import { compliance, type ComplianceCase } from '@rtmpipe/testing/suite'
import { FabricBench, type FabricSubject } from './fabric-bench.ts'
import { claimCases } from './fabric-cases/claims.ts'
import { endingCases } from './fabric-cases/endings.ts'
import { joinCases } from './fabric-cases/joins.ts'

/**
 * What every `Fabric` must do, as a list of cases for any test runner.
 *
 * @example
 * ```ts
 * const create = () => {
 *   const hub = new MemoryHub()
 *   return { open: () => new MemoryFabric(hub) }
 * }
 * it.each(fabricCompliance)('$name', one => one.run(create))
 * ```
 */
export const fabricCompliance: readonly ComplianceCase<FabricSubject>[] = compliance(
  [...claimCases, ...joinCases, ...endingCases],
  subject => new FabricBench(subject),
)
