import type { Awaitable } from '@rtmpipe/session'
import { FabricBench, type FabricSubject } from './fabric-bench.ts'
import { claimCases } from './fabric-cases/claims.ts'
import { endingCases } from './fabric-cases/endings.ts'
import { joinCases } from './fabric-cases/joins.ts'

/** One case of {@link fabricCompliance}. */
export interface FabricComplianceCase {
  /** What the fabric does, as the title of a test. */
  readonly name: string
  /** Makes a subject, runs the case on it and cleans up; rejects when the fabric does not comply. */
  readonly run: (create: () => Awaitable<FabricSubject>) => Promise<void>
}

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
export const fabricCompliance: readonly FabricComplianceCase[] = [...claimCases, ...joinCases, ...endingCases].map(
  ({ name, run }) => ({
    name,
    async run(create) {
      const bench = new FabricBench(await create())
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
