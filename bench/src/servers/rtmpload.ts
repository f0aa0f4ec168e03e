import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cached } from '../cache.ts'
import { Child } from './child.ts'
import { outputOf } from './output-of.ts'
import type { RunningServer } from './running-server.ts'
import type { Ports } from './subject.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** The load generator's sources, beside the repository. */
const sources = fileURLToPath(new URL('../../../../shared/tools/rtmpload', import.meta.url))
/** Seconds beyond what a run is expected to take. */
const patience = 45

/** Whatever rtmpload reports; its README tells what. Members that a mode does not report are missing. */
export interface LoadReport {
  readonly ok: boolean
  readonly failures?: readonly string[]
  readonly reasons?: readonly string[]
  /** What the figures themselves show to be wrong. */
  readonly remarks?: readonly string[]
  readonly [member: string]: unknown
}

/** Something to measure with rtmpload. */
export interface LoadRun {
  readonly mode: string
  readonly path: string
  readonly transport: keyof Ports
  readonly args: readonly string[]
  /** Seconds it should take. */
  readonly seconds: number
}

/** Builds rtmpload if its sources are there, and returns its path. @throws when they are not, saying so */
export async function buildRtmpload(): Promise<string> {
  if (!existsSync(sources)) throw new Error('the load generator shared/tools/rtmpload is not beside the repository')
  const file = cached('rtmpload-tls')
  await outputOf('make', ['-C', sources, 'TLS=1', `BIN=${file}`])
  return file
}

/** One run against a server. @throws when there is no report or it took too long */
export async function load(rtmpload: string, run: LoadRun, server: RunningServer): Promise<LoadReport> {
  using folder = new TemporaryFolder()
  const log = folder.file('report.log')
  const args = [
    run.mode,
    '--url',
    `${server.urls[run.transport]}${run.path}`,
    '--pid',
    server.child.pids.join(','),
    ...run.args,
  ]
  await using child = new Child(rtmpload, args, log)
  const limit = run.seconds + patience
  const timer = setTimeout(() => child.kill('SIGKILL'), limit * 1000)
  const code = await child.exited
  clearTimeout(timer)
  const report = readFileSync(log, 'utf8')
    .split('\n')
    .find(line => line.startsWith('{'))
  if (server.child.ended) throw new Error(`the server ended: ${server.child.lastLines}`)
  if (report === undefined && code === 'SIGKILL') throw new Error(`the run took longer than ${limit} s`)
  if (report === undefined) throw new Error(`rtmpload ended with ${code}: ${child.lastLines}`)
  return JSON.parse(report) as LoadReport
}

/** A number in a report, like `latency_ms.p99`. */
export function reported(report: LoadReport, member: string): number | undefined {
  let value: unknown = report
  for (const key of member.split('.')) value = (value as Record<string, unknown> | undefined)?.[key]
  return typeof value === 'number' ? value : undefined
}
