import { AggregatorRegistry } from 'prom-client'
import type { MetricSnapshot, MetricsSnapshot } from './snapshot.ts'

/** Processes that are missing and may answer again. Of those before them it is enough to know the sum. */
const maxMissing = 16

/**
 * The metrics of several processes as one: what can be summed is summed; of what can't, such as how late the event loop
 * is, it is the worst. What a process has counted stays in the sums when it has ended, or does not answer in time: a
 * counter that goes down would look like a restart of the server.
 */
export class MergedMetrics {
  /** What each process had counted when it was last seen, the one that is missing for longest first. */
  readonly #counted = new Map<string, readonly MetricSnapshot[]>()
  /** Of processes that are gone for good. */
  #gone: readonly MetricSnapshot[] = []

  /** Prometheus text of those processes, and of what others have counted before. */
  async text(snapshots: readonly MetricsSnapshot[]): Promise<string> {
    for (const { process, metrics } of snapshots) {
      this.#counted.delete(process)
      this.#counted.set(process, metrics.filter(isCounted))
    }
    const present = new Set(snapshots.map(({ process }) => process))
    const missing = [...this.#counted].filter(([process]) => !present.has(process))
    for (const [process, metrics] of missing.slice(0, -maxMissing)) {
      this.#counted.delete(process)
      this.#gone = await sumOf([this.#gone, metrics])
    }
    const before = missing.slice(-maxMissing).map(([, metrics]) => metrics)
    return await AggregatorRegistry.aggregate([
      ...snapshots.map(({ metrics }) => metrics),
      ...before,
      this.#gone,
    ]).metrics()
  }
}

/** What a stream counts begins anew with each publish, and is of interest while it is there. */
function isCounted({ name, type }: MetricSnapshot): boolean {
  return (type === 'counter' || type === 'histogram') && !name.startsWith('rtmpipe_stream_')
}

async function sumOf(all: readonly (readonly MetricSnapshot[])[]): Promise<readonly MetricSnapshot[]> {
  return (await AggregatorRegistry.aggregate([...all]).getMetricsAsJSON()) as unknown as readonly MetricSnapshot[]
}
