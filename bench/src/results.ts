import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Machine } from './machine.ts'

/** What a column of figures is called and means. */
export interface Column {
  readonly key: string
  /** With its unit. */
  readonly title: string
  /** Without it the figure is there to be read, not to be compared. */
  readonly better?: 'less' | 'more'
}

/** One subject's figures in one group. */
export interface Row {
  readonly name: string
  /** Not ours: its changes tell of the machine. */
  readonly reference: boolean
  /** By column key, one value per round. */
  readonly figures: Record<string, number[]>
  /** What went wrong, one line each; figures beside them are to be doubted, or are what is wrong. */
  readonly failures: string[]
}

/** Figures that belong into one table. */
export interface Group {
  readonly name: string
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: Row[]
}

/** One run of the bench, as it is kept in `bench/results`. */
export interface Results {
  readonly date: string
  readonly machine: Machine
  /** Of whatever was compared. */
  readonly versions: Record<string, string>
  /** Seconds of each measured window, and how often each was measured. */
  readonly seconds: number
  readonly rounds: number
  readonly groups: Group[]
  /** What could not be measured here, and why. */
  readonly skipped: string[]
}

const folder = fileURLToPath(new URL('../results', import.meta.url))

/** Writes `bench/results/NAME.json` and returns its path. */
export function saveResults(name: string, results: Results): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`)
  return file
}

export function loadResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

/** The file in `bench/results` that was written last. */
export function newestResults(): string {
  mkdirSync(folder, { recursive: true })
  const files = readdirSync(folder).filter(name => name.endsWith('.json'))
  const newest = files.map(name => join(folder, name)).toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
  if (newest === undefined) throw new Error('there are no results yet: run `npm run bench` first')
  return newest
}

/** The median of one figure, or nothing when it was not measured. */
export function figureOf(results: Results, group: string, row: string, key: string): number | undefined {
  const values = rowOf(results, group, row)?.figures[key]
  return values === undefined || values.length === 0 ? undefined : median(values)
}

export function rowOf(results: Results, group: string, row: string): Row | undefined {
  return results.groups.find(it => it.name === group)?.rows.find(it => it.name === row)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
