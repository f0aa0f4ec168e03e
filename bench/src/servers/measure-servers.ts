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
 * Measures each subject in each round, A B C A B C, so that what changes on the machine meanwhile meets all of them; also
 * those of scenarios that are measured together. Every run has a server of its own, freshly started. A run that rtmpload
 * does not verify gives no figures.
 */
export async function measureTogether(
  plans: readonly ScenarioPlan[],
  rtmpload: string,
  progress: Progress,
): Promise<Group[]> {
  const groups = plans.map(({ scenario, subjects }): Group => {
    const { name, title, measures } = scenario
    const rows = subjects.map(({ name, reference }): Row => ({ name, reference, figures: {}, failures: [] }))
    const columns = measures.map(({ key, title, better }): Column => ({ key, title, ...(better && { better }) }))
    return { name, title, columns, rows }
  })
  const rounds = Math.max(...plans.map(plan => plan.rounds))
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, plan] of plans.entries()) {
      const { rows } = groups[index] as Group
      if (round <= plan.rounds) await measureRound(plan, rows, round, rtmpload, progress)
    }
  }
  return groups
}

async function measureRound(
  { scenario, subjects, rounds }: ScenarioPlan,
  rows: readonly Row[],
  round: number,
  rtmpload: string,
  progress: Progress,
): Promise<void> {
  const { name, measures, run, watch } = scenario
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

/** Plans that stand one after the other and are to be measured together. */
export function inTurns(plans: readonly ScenarioPlan[]): ScenarioPlan[][] {
  const turns: ScenarioPlan[][] = []
  for (const plan of plans) {
    const { together } = plan.scenario
    const last = turns.at(-1)
    if (together !== undefined && last?.[0]?.scenario.together === together) last.push(plan)
    else turns.push([plan])
  }
  return turns
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
