import type { Progress } from '../progress.ts'
import type { Column, Group, Row } from '../results.ts'
import { number } from '../table.ts'
import { load, type LoadReport, reported } from './rtmpload.ts'
import { RunningServer } from './running-server.ts'
import type { Measure, Scenario } from './scenario.ts'
import type { Subject } from './subject.ts'

/** Seconds to start and stop a server. */
const turnaround = 1.5

/** What one scenario is measured with. */
export interface ScenarioPlan {
  readonly scenario: Scenario
  readonly subjects: readonly Subject[]
  readonly rounds: number
}

/** Seconds that a plan takes. */
export function expectedSeconds({ scenario, subjects, rounds }: ScenarioPlan): number {
  return subjects.length * rounds * (scenario.run.seconds + turnaround)
}

/**
 * Measures each subject in each round, A B C A B C, so that what changes on the machine meanwhile meets all of them.
 * Every run has a server of its own, freshly started. A run that rtmpload does not verify gives no figures.
 */
export async function measureScenario(plan: ScenarioPlan, rtmpload: string, progress: Progress): Promise<Group> {
  const { scenario, subjects, rounds } = plan
  const { name, title, measures, run, watch } = scenario
  const rows = subjects.map(({ name, reference }): Row => ({ name, reference, figures: {}, failures: [] }))
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const row = rows[index] as Row
      progress.start(`${name} · ${subject.name} · round ${round} of ${rounds}`, run.seconds + turnaround)
      try {
        const ours = subject.reference ? undefined : watch
        await using server = await RunningServer.start(subject, run.transport, ours?.nodeOptions)
        const report = await (ours?.measure ?? load)(rtmpload, run, server)
        if (report.ok) keep(row, measures, report)
        else row.failures.push(`round ${round}: ${reasons(report)}`)
        row.failures.push(...(report.remarks ?? []).map(remark => `round ${round}: ${remark}`))
        progress.finish(outcome(measures, report))
      } catch (error) {
        row.failures.push(`round ${round}: ${(error as Error).message}`)
        progress.finish((error as Error).message)
      }
    }
  }
  const columns = measures.map(({ key, title, better }): Column => ({ key, title, ...(better && { better }) }))
  return { name, title, columns, rows }
}

function keep(row: Row, measures: readonly Measure[], report: LoadReport): void {
  for (const { key, member } of measures) {
    const value = reported(report, member)
    if (value !== undefined) (row.figures[key] ??= []).push(value)
  }
}

/** Why a run counts for nothing. */
function reasons({ failures = [], reasons = [] }: LoadReport): string {
  return [...failures, ...reasons].map(String).slice(0, 4).join(', ') || 'not verified'
}

function outcome(measures: readonly Measure[], report: LoadReport): string {
  const figures = measures.map(({ title, member }) => `${title} ${number(reported(report, member) ?? Number.NaN)}`)
  return `${report.ok ? '' : 'NOT VERIFIED, '}${figures.join(', ')}`
}
