import { quantile, total } from './histogram.ts'
import type { Tally } from './tally.ts'

/** For a document, and good enough to read on a terminal. */
export function table(head: readonly string[], rows: readonly (readonly (number | string)[])[]): string {
  const line = (cells: readonly (number | string)[]): string => `| ${cells.join(' | ')} |`
  const rule = line(head.map((_, column) => (column === 0 ? '---' : '--:')))
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** What viewers miss, by fault. */
export function recoveryTable(recovery: Tally['recovery']): string {
  const rows = Object.entries(recovery)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([fault, counts]) => [
      fault,
      grouped(total(counts)),
      seconds(quantile(counts, 0.5)),
      seconds(quantile(counts, 0.99)),
      seconds(quantile(counts, 1)),
    ])
  return table(['fault', 'viewers', 'p50, s', 'p99, s', 'most, s'], rows)
}

export function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(2)
}

/** Whole, with its thousands grouped. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
