import { AggregatorRegistry, Registry } from 'prom-client'

/** The `Content-Type` of the text. */
export const contentType: string = Registry.PROMETHEUS_CONTENT_TYPE

/** A metric with its values. */
export interface MetricSnapshot {
  readonly name: string
  readonly help: string
  readonly type: string
  /** How the values of several processes become one. */
  readonly aggregator: string
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number>>
    readonly value: number
    /** Of the parts of a histogram. */
    readonly metricName?: string
  }[]
}

/** All metrics of one process at one time: plain data, which can go to another process. */
export type MetricsSnapshot = readonly MetricSnapshot[]

/**
 * The metrics of several processes as Prometheus text: what can be summed is summed; of what can't, such as how late the
 * event loop is, it is the worst.
 */
export function mergedMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics()
}
