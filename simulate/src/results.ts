import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Checked } from './model-check.ts'
import { addTally, type Tally } from './tally.ts'

/** Schedules of one kind. */
export interface Run {
  readonly nodes: number
  readonly regions: number
  readonly streams: number
  readonly players: number
  readonly seconds: number
  /** Seeds that were tried. */
  readonly seeds: number[]
  /** Seconds that it took. */
  took: number
  readonly tally: Tally
}

/** A file in `simulate/results`. */
export interface Results {
  date: string
  runs: Run[]
  check: readonly Checked[]
}

export function loadResults(name: string): Results {
  const file = fileOf(name)
  if (!existsSync(file)) return { date: '', runs: [], check: [] }
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

export function saveResults(name: string, results: Results): void {
  mkdirSync(new URL('../results', import.meta.url), { recursive: true })
  results.date = new Date().toISOString().slice(0, 10)
  writeFileSync(fileOf(name), `${JSON.stringify(results, undefined, 1)}\n`)
}

/** Adds to what was found of the same kind with other seeds; the same seed counts once. */
export function addRun(results: Results, run: Run): void {
  const isSame = (other: Run): boolean =>
    other.nodes === run.nodes && other.players === run.players && other.seconds === run.seconds
  const known = results.runs.find(isSame)
  if (known === undefined || run.seeds.some(seed => known.seeds.includes(seed))) {
    results.runs = [...results.runs.filter(other => other !== known), run]
    return
  }
  addTally(known.tally, run.tally)
  known.took += run.took
  known.seeds.push(...run.seeds)
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../results/${name}.json`, import.meta.url))
}

/** Control messages in a virtual second. */
export function controlRate({ tally: { control, virtual } }: Run): number {
  return (1_000 * control) / virtual
}

/** Bytes of media in a virtual second over a link of two regions, of those that were used. */
export function linkRate({ tally: { links, virtual } }: Run): number {
  const bytes = Object.values(links)
  return bytes.length === 0 ? 0 : (1_000 * bytes.reduce((sum, each) => sum + each, 0)) / virtual / bytes.length
}
