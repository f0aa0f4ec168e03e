import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { relayChart } from './chart.ts'
import { sentence, verdicts } from './goals.ts'
import { describeMachine } from './machine.ts'
import type { Results } from './results.ts'
import { markdownTable, number } from './table.ts'

const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const chart = fileURLToPath(new URL('../../docs/performance-relay.svg', import.meta.url))
const section = /(<!-- bench:([a-z0-9-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g

/** Writes the figures between the page's markers, and the chart. Returns the names of what it wrote. */
export async function writeDocs(results: Results): Promise<string[]> {
  if (!existsSync(page)) throw new Error('docs/performance.md is gone')
  const written: string[] = []
  const text = readFileSync(page, 'utf8').replace(section, (_all, open: string, name: string, close: string) => {
    written.push(name)
    return `${open}\n${content(name, results)}\n\n${close}`
  })
  writeFileSync(page, text)
  const svg = await relayChart(results)
  if (svg !== undefined) writeFileSync(chart, svg)
  return svg === undefined ? written : [...written, 'performance-relay.svg']
}

function content(name: string, results: Results): string {
  if (name === 'machine') return machine(results)
  if (name === 'goals') return goals(results)
  const group = results.groups.find(it => it.name === name)
  return group === undefined ? 'Not measured yet.' : markdownTable(group)
}

function machine({ date, machine, versions, seconds, rounds, skipped }: Results): string {
  const compared = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const lines = [
    `${describeMachine(machine)}; ${date.slice(0, 10)}; windows of ${seconds} s, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`,
    ...(compared.length > 0 ? [`Compared: ${compared.join(', ')}.`] : []),
    ...skipped.map(reason => `Left out: ${reason}.`),
  ]
  return lines.join('\n\n')
}

function goals(results: Results): string {
  const rows = verdicts(results).map(verdict => {
    const { goal, met, there, metThere } = verdict
    const scaled = there === undefined ? '' : `${number(there)}, ${word(metThere)}`
    return `| ${goal.text} | ${sentence(verdict)} | ${word(met)} | ${scaled} |`
  })
  return ['| goal | measured | | where it was set |', '| --- | --: | --- | --- |', ...rows].join('\n')
}

function word(met: boolean | undefined): string {
  return met === undefined ? '–' : met ? 'met' : '**not met**'
}
