import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Checked } from './model-check.ts'
import type { Shape } from './shape.ts'
import { addTally, newTally, type Tally } from './tally.ts'

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
  // Whoever is ended meanwhile leaves the old one.
  const file = fileOf(name)
  writeFileSync(`${file}.new`, `${JSON.stringify(results, undefined, 1)}\n`)
  renameSync(`${file}.new`, file)
}

/** Schedules that have the same seed. */
const blockLength = 20_000

/** Many schedules as blocks, each with the next seed: what has been run of them is not lost when the last one is not. */
export function blocksOf(seed: number, schedules: number): { readonly seed: number; readonly schedules: number }[] {
  return Array.from({ length: Math.ceil(schedules / blockLength) }, (_, index) => ({
    seed: seed + index,
    schedules: Math.min(blockLength, schedules - index * blockLength),
  }))
}

/** Seeds with which schedules of that kind have been run. */
export function seedsOf({ runs }: Results, shape: Kind): readonly number[] {
  return runs.find(run => isSame(run, shape))?.seeds ?? []
}

/** Adds to what was found of the same kind with other seeds. */
export function addRun(results: Results, run: Run): void {
  const known = results.runs.find(other => isSame(other, run))
  if (known === undefined) return void results.runs.push(run)
  addTally(known.tally, run.tally)
  known.took += run.took
  known.seeds.push(...run.seeds)
}

type Kind = Pick<Shape, 'nodes' | 'players' | 'seconds'>

function isSame(one: Kind, other: Kind): boolean {
  return one.nodes === other.nodes && one.players === other.players && one.seconds === other.seconds
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../results/${name}.json`, import.meta.url))
}

/** What viewers miss in clusters of up to five nodes, by fault. */
export function smallRecovery({ runs }: Results): Tally['recovery'] {
  const small = newTally()
  for (const { nodes, tally } of runs) if (nodes <= 5) addTally(small, tally)
  return small.recovery
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
