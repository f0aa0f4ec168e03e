import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from './child.ts'
import type { LoadReport, LoadRun } from './rtmpload.ts'
import type { RunningServer } from './running-server.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const program = fileURLToPath(new URL('../node-load/load.js', import.meta.url))
/** Longer than anything lasts that is played meanwhile. */
const longEnough = 600

/**
 * Load of our own client, in a process of its own, over what rtmpload has not.
 *
 * @param server at this address, without a path  @param limit seconds that it may take
 */
export async function nodeLoad(
  mode: 'connect' | 'play' | 'view' | 'hls',
  at: string,
  { path }: LoadRun,
  server: RunningServer,
  args: readonly string[],
  limit: number,
): Promise<LoadReport> {
  using folder = new TemporaryFolder()
  const log = folder.file('report.log')
  const name = path.slice(path.lastIndexOf('/') + 1)
  const url = `${at}${path.slice(0, -name.length - 1)}`
  const fixed = [program, mode, '--url', url, '--name', name, '--pid', server.child.pids.join(',')]
  await using child = new Child(process.execPath, [...fixed, ...args], log)
  const timer = setTimeout(() => child.kill('SIGKILL'), limit * 1000)
  const code = await child.exited
  clearTimeout(timer)
  const report = readFileSync(log, 'utf8')
    .split('\n')
    .find(line => line.startsWith('{'))
  if (server.child.ended) throw new Error(`the server ended: ${server.child.lastLines}`)
  if (report === undefined) throw new Error(`the players ended with ${code}: ${child.lastLines}`)
  return JSON.parse(report) as LoadReport
}

/** What rtmpload publishes over RTMP meanwhile. It plays once itself, which it can't do without. */
export function publisher(
  rtmpload: string,
  { path }: LoadRun,
  server: RunningServer,
  log: string,
  more: readonly string[] = [],
): Child {
  const url = `${server.urls.rtmp}${path}`
  const args = ['relay', '--url', url, '--players', '1', '--warmup-ms', '0', '--seconds', String(longEnough), ...more]
  return new Child(rtmpload, args, log)
}
