import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child } from './child.ts'
import type { LoadReport, LoadRun } from './rtmpload.ts'
import type { RunningServer } from './running-server.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import type { Watch } from './watch.ts'

const program = fileURLToPath(new URL('../rtmfp/load.js', import.meta.url))
/** Seconds for what is to be measured by count. */
const patience = 60
/** Longer than anything lasts that is played meanwhile. */
const longEnough = 600

/**
 * Players over RTMFP, which rtmpload has not: our own client, in a process of its own. rtmpload publishes over RTMP, and plays
 * once itself, which it can't do without. Two runs, as what it takes to connect is measured without media.
 *
 * @param seconds the window  @param warmUp seconds before it
 */
export function watchRtmfp(seconds: number, warmUp: number): Watch {
  return {
    nodeOptions: [],
    async measure(rtmpload, run, server) {
      await listens(server)
      const connecting = await load('connect', run, server, ['--sessions', '300'], patience)
      const args = ['--seconds', String(seconds), '--warm-up', String(warmUp)]
      using folder = new TemporaryFolder()
      const url = `${server.urls.rtmp}${run.path}`
      const publish = ['relay', '--url', url, '--players', '1', '--warmup-ms', '0', '--seconds', String(longEnough)]
      await using _ = new Child(rtmpload, publish, folder.file('publisher.log'))
      const playing = await load('play', run, server, [...run.args, ...args], run.seconds + patience)
      return { ...connecting, ...playing }
    },
  }
}

/** Nothing over UDP says when it does, but the server itself. */
async function listens(server: RunningServer): Promise<void> {
  const from = performance.now()
  while (!server.child.output.includes('listening on rtmfp://')) {
    if (performance.now() - from > 15_000) throw new Error('the server does not listen for RTMFP')
    await pause(20)
  }
}

async function load(
  mode: string,
  { path }: LoadRun,
  server: RunningServer,
  args: readonly string[],
  limit: number,
): Promise<LoadReport> {
  using folder = new TemporaryFolder()
  const log = folder.file('report.log')
  const name = path.slice(path.lastIndexOf('/') + 1)
  const url = `${server.urls.rtmfp}${path.slice(0, -name.length - 1)}`
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
