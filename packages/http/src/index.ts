/**
 * Status, metrics, API and dashboard of a server, on one fastify server per port.
 *
 * @packageDocumentation
 */
export type { Access, Role } from './access/access.ts'
export { statsCompat } from './compat/stats-compat.ts'
export { metrics, type MetricsOptions } from './metrics/metrics.ts'
export { ServerMetrics, type ServerMetricsOptions } from './metrics/server-metrics.ts'
export { mergedMetrics, type MetricSnapshot, type MetricsSnapshot } from './metrics/snapshot.ts'
export type { House, Mount } from './mount.ts'
export type * from './report/report.ts'
export type { Act, EndStatus, Outcome, Reports } from './report/reports.ts'
