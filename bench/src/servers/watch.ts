import type { LoadReport, LoadRun } from './rtmpload.ts'
import type { RunningServer } from './running-server.ts'

/** A way to see more of our own server than can be seen of any: it runs in Node. */
export interface Watch {
  /** What Node is started with. */
  readonly nodeOptions: readonly string[]
  /** In place of `load`. What it finds it adds to the report. */
  measure(rtmpload: string, run: LoadRun, server: RunningServer): Promise<LoadReport>
}
