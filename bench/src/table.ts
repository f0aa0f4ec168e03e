import { type Group, median, type Row } from './results.ts'

/** Three significant digits, thousands grouped. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  const rounded = Math.abs(value) >= 1000 ? Number(value.toPrecision(4)) : value
  return rounded.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  })
}

/** Median, with the extremes of the rounds behind it. */
function cell(values: readonly number[] | undefined): string {
  if (values === undefined || values.length === 0) return '–'
  const middle = number(median(values))
  if (values.length === 1) return middle
  return `${middle} (${number(Math.min(...values))}–${number(Math.max(...values))})`
}

function cells(group: Group): string[][] {
  const line = (row: Row) => [
    row.failures.length > 0 ? `${row.name} !` : row.name,
    ...group.columns.map(column => cell(row.figures[column.key])),
  ]
  return [['', ...group.columns.map(column => column.title)], ...group.rows.map(line)]
}

function failures(group: Group): string[] {
  return group.rows.flatMap(row => row.failures.map(failure => `! ${row.name}: ${failure}`))
}

/** For a terminal. */
export function textTable(group: Group): string {
  const lines = cells(group)
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)
  const body = lines.map(line => line.map(pad).join('  ').trimEnd())
  return [`${group.name}: ${group.title}`, ...body, ...failures(group)].join('\n')
}

/** For a document. */
export function markdownTable(group: Group): string {
  const [head = [], ...body] = cells(group)
  const row = (line: readonly string[]) => `| ${line.join(' | ')} |`
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '--:')))
  const notes = failures(group).map(line => `\n${line}`)
  return [row(head), rule, ...body.map(row), ...notes].join('\n')
}
