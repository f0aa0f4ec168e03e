import { readFileSync } from 'node:fs'
import { growth, notFlat, samplesIn } from './memory-samples.ts'
import { load, type LoadReport, type LoadRun } from './rtmpload.ts'
import type { RunningServer } from './running-server.ts'
import type { Watch } from './watch.ts'

/** How long the clients of each lane stay, in seconds: they differ, so that the lanes do not come and go together. */
const lanes = [2, 3, 4, 5]
/** The longest that one turn of a lane takes beyond its time: clients connect and leave. */
const overhead = 2

/** Seconds that {@link watchMemory} takes. */
export function memorySeconds(warmUp: number, seconds: number): number {
  return warmUp + seconds + Math.max(...lanes) + overhead
}

/**
 * The run's publishers and players come in several lanes, stay for some seconds, leave, and come again under names that
 * were not there before. Adds `memory` to the report: medians of the first and the last quarter, in MB.
 *
 * @param warmUp seconds before the first sample counts
 */
export function watchMemory(warmUp: number, seconds: number): Watch {
  return {
    nodeOptions: ['--import', new URL('../memory-probe.js', import.meta.url).href],
    async measure(rtmpload, run, server) {
      const from = Date.now() + warmUp * 1000
      const to = from + seconds * 1000
      const reports = await Promise.all(lanes.map((_, lane) => churn(rtmpload, run, server, lane, to)))
      const failed = reports.find(report => !report.ok)
      if (failed !== undefined) return failed
      const memory = growth(samplesIn(readFileSync(server.file('memory.jsonl'), 'utf8'), from, to))
      return { ok: true, memory, remarks: notFlat(memory) }
    },
  }
}

/** One lane, until that time. The report is that of its last turn, or of the first that was not verified. */
async function churn(
  rtmpload: string,
  run: LoadRun,
  server: RunningServer,
  lane: number,
  until: number,
): Promise<LoadReport> {
  const args = [...run.args, '--seconds', String(lanes[lane])]
  for (let turn = 0; ; turn += 1) {
    const report = await load(rtmpload, { ...run, path: `${run.path}-${lane}-${turn}`, args }, server)
    if (!report.ok || Date.now() >= until) return report
  }
}
