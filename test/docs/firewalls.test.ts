import { expect, test } from 'vitest'
import type { Outcome } from '../support/firewalls/row.ts'
import { columns, reasons, rows } from '../support/firewalls/rows.ts'
import { MarkdownFile } from './markdown.ts'

/** The table that test/interop/firewalls.test.ts proves, and below it why some clients end. */
function documented(): string {
  const verbs = { play: 'plays', publish: 'publishes' }
  const head = ['proxy', ...columns.map(([does, client]) => `${client} ${verbs[does]}`)]
  const lines = rows.map(row => [
    row.title,
    ...columns.map(([does, client]) => cell(does === 'play' ? row.play[client] : row.publish[client])),
  ])
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = [line(head), line(head.map((_, index) => (index === 0 ? '---' : ':-:'))), ...lines.map(line)]
  const notes = reasons.map(({ mark, sentence }) => `${mark.at(-1)} ${sentence}`)
  return [table.join('\n'), ...notes].join('\n\n')
}

function cell(outcome: Outcome): string {
  if (typeof outcome === 'object') return outcome.mark
  return { exact: '✓', cannot: '–', untried: '' }[outcome]
}

test('docs/firewalls.md has the table of clients behind proxies as it is tried', () => {
  const { text } = new MarkdownFile('docs/firewalls.md')
  const [, table] = /<!-- clients -->\n([^]*)<!-- \/clients -->/.exec(text) ?? []
  expect(table?.trim()).toBe(documented())
})

test('every reason to end is one of somebody in the table', () => {
  const given = rows.flatMap(({ play, publish }): Outcome[] => [...Object.values(play), ...Object.values(publish)])
  for (const reason of reasons) expect(given).toContain(reason)
})
