import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { relayChart, tunnelChart } from './chart.ts'
import { sentence, verdicts } from './goals.ts'
import { describeMachine } from './machine.ts'
import type { Results } from './results.ts'
import { markdownTable, number } from './table.ts'

const docs = new URL('../../docs/', import.meta.url)
const pages = ['performance.md', 'firewalls.md']
const charts = { 'performance-relay.svg': relayChart, 'firewalls-tunnel.svg': tunnelChart }
const section = /(<!-- bench:([a-z0-9-]+) -->\n)([\s\S]*?)(<!-- \/bench -->)/g

/**
 * Writes the figures between the pages' markers, and the charts. What was not measured stays as it is. Returns the names of
 * what it wrote.
 */
export async function writeDocs(results: Results): Promise<string[]> {
  const written: string[] = []
  for (const name of pages) {
    const page = fileURLToPath(new URL(name, docs))
    if (!existsSync(page)) throw new Error(`docs/${name} is gone`)
    const text = readFileSync(page, 'utf8').replace(section, (all, open: string, part: string, _, close: string) => {
      const figures = content(part, results)
      if (figures === undefined) return all
      written.push(part)
      return `${open}\n${figures}\n\n${close}`
    })
    writeFileSync(page, text)
  }
  for (const [name, draw] of Object.entries(charts)) {
    const svg = await draw(results)
    if (svg === undefined) continue
    writeFileSync(fileURLToPath(new URL(name, docs)), svg)
    written.push(name)
  }
  return written
}

/** The machine and the goals are those of the run that compares relays, and beside the tunnel's those of its own. */
function content(name: string, results: Results): string | undefined {
  const has = (wanted: string): boolean => results.groups.some(group => group.name === wanted)
  if (name === 'machine') return has('relay') ? machine(results) : undefined
  if (name === 'tunnel-machine') return has('tunnel') ? machine(results) : undefined
  if (name === 'goals') return has('relay') ? goals(results) : undefined
  const group = results.groups.find(it => it.name === name)
  return group === undefined ? undefined : markdownTable(group)
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
