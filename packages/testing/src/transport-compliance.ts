import type { Awaitable } from '@rtmpipe/session'
import { TransportBench, type TransportSubject } from './transport-bench.ts'
import { byteCases } from './transport-cases/bytes.ts'
import { endingCases } from './transport-cases/endings.ts'
import { handleCases } from './transport-cases/handles.ts'
import { listeningCases } from './transport-cases/listening.ts'

/** One case of {@link transportCompliance}. */
export interface TransportComplianceCase {
  /** What the transport does, as the title of a test. */
  readonly name: string
  /** Makes a subject, runs the case on it and cleans up; rejects when the transport does not comply. */
  readonly run: (create: () => Awaitable<TransportSubject>) => Promise<void>
}

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
export const transportCompliance: readonly TransportComplianceCase[] = [
  ...byteCases,
  ...endingCases,
  ...listeningCases,
  ...handleCases,
].map(({ name, run }) => ({
  name,
  async run(create) {
    const bench = new TransportBench(await create())
    try {
      await run(bench)
    } catch (error) {
      // Whatever goes wrong while cleaning up after a failure is only a consequence of it.
      await bench.clear().catch(() => {})
      throw error
    }
    await bench.clear()
  },
}))
