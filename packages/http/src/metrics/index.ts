/**
 * The metrics of a server without an HTTP port: for one of several processes, whose metrics another one shows, and for
 * exporters of your own.
 *
 * @example
 * ```ts
 * const metrics = new ServerMetrics(server)
 * process.on('message', async () => process.send?.(await metrics.snapshot()))
 * ```
 *
 * @packageDocumentation
 */
export { MergedMetrics } from './merged-metrics.ts'
export { contentType, ServerMetrics, type ServerMetricsOptions } from './server-metrics.ts'
export type { MetricSnapshot, MetricsSnapshot } from './snapshot.ts'
