import { describeMachine } from './machine.ts'
import { type Column, type Group, median, type Results, type Row, rowOf } from './results.ts'
import { number } from './table.ts'

/** A change smaller than this is never marked. */
const threshold = 0.05
/** With fewer rounds there is no telling change from noise. */
const enoughRounds = 3

export const rule = `A figure is marked when its median changed by more than ${threshold * 100} % and the rounds of before and after do not overlap,
with at least ${enoughRounds} rounds on both sides. References are not ours: their changes are the machine's, which ours should be read against.`

type Change = 'worse' | 'better' | 'same' | 'unknown'

/** The ratio of every figure to what it was, and which of ours are worse beyond noise. */
export function compareResults(base: Results, results: Results): string {
  const lines = [`compared with ${base.date}`, rule]
  if (describeMachine(base.machine) !== describeMachine(results.machine)) {
    lines.push(
      '',
      'DIFFERENT MACHINE: no figure can be compared',
      `  was ${describeMachine(base.machine)}`,
      `  is  ${describeMachine(results.machine)}`,
    )
  }
  if (base.seconds !== results.seconds) lines.push('', `DIFFERENT WINDOW: ${base.seconds} s, now ${results.seconds} s`)
  let regressions = 0
  for (const group of results.groups) {
    const rows = group.rows.flatMap(row => {
      const before = rowOf(base, group.name, row.name)
      return before === undefined ? [] : [compareRow(group, before, row)]
    })
    if (rows.length === 0) continue
    lines.push('', group.name, ...rows.map(({ line }) => line))
    regressions += rows.reduce((total, { worse }) => total + worse, 0)
  }
  const tooFew = Math.min(base.rounds, results.rounds) < enoughRounds
  lines.push('', tooFew ? `fewer than ${enoughRounds} rounds: nothing is marked` : `regressions: ${regressions}`)
  return lines.join('\n')
}

function compareRow(group: Group, before: Row, after: Row): { line: string; worse: number } {
  const cells = group.columns.flatMap(column => {
    const [was, is] = [before.figures[column.key] ?? [], after.figures[column.key] ?? []]
    return column.better === undefined || was.length === 0 || is.length === 0
      ? []
      : [{ column, was, is, change: changeOf(column, was, is) }]
  })
  const text = cells.map(({ column, was, is, change }) => {
    const mark = change === 'worse' ? (after.reference ? ' (worse)' : ' WORSE') : change === 'better' ? ' better' : ''
    return `${column.title} ${number(median(was))} → ${number(median(is))} (× ${number(median(is) / median(was))})${mark}`
  })
  const worse = after.reference ? 0 : cells.filter(({ change }) => change === 'worse').length
  return { line: `  ${after.name}${after.reference ? ' [reference]' : ''}: ${text.join(', ')}`, worse }
}

function changeOf({ better }: Column, was: readonly number[], is: readonly number[]): Change {
  if (Math.min(was.length, is.length) < enoughRounds) return 'unknown'
  const [from, to] = [median(was), median(is)]
  if (Math.abs(to - from) <= threshold * Math.abs(from)) return 'same'
  const above = Math.min(...is) > Math.max(...was)
  const below = Math.max(...is) < Math.min(...was)
  if (!above && !below) return 'same'
  return above === (better === 'more') ? 'better' : 'worse'
}
