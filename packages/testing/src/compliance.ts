import type { Awaitable } from '@rtmpipe/session'

/** One thing that every subject of a suite must do. */
export interface BenchCase<Bench> {
  /** As the title of a test. */
  readonly name: string
  /** Rejects when the subject does not. What it opens on `bench` is cleaned up after it. */
  readonly run: (bench: Bench) => Promise<void>
}

/** One case of a compliance suite, for any test runner. */
export interface ComplianceCase<Subject> {
  /** What the subject does, as the title of a test. */
  readonly name: string
  /** Makes a subject, runs the case on it and cleans up; rejects when the subject does not comply. */
  readonly run: (create: () => Awaitable<Subject>) => Promise<void>
}

/** What a case works on. */
export interface CaseBench {
  /** Ends all that the case has opened; rejects when something of it would not end. */
  clear(): Promise<void>
}

/**
 * A compliance suite of these cases.
 *
 * @param open makes the bench of one case, which keeps account of what the case opens
 */
export function compliance<Subject, Bench extends CaseBench>(
  cases: readonly BenchCase<Bench>[],
  open: (subject: Subject) => Bench,
): readonly ComplianceCase<Subject>[] {
  return cases.map(({ name, run }) => ({
    name,
    async run(create) {
      const bench = open(await create())
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
}
