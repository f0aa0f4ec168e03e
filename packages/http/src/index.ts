/**
 * Status, metrics, API and dashboard of a server, on one fastify server per port.
 *
 * @example
 * ```ts
 * import { health, http } from '@rtmpipe/http'
 *
 * const web = http({ port: 8080, mount: [health()] })
 * const server = createServer({ transports: [tcp(), web.tunnel()], plugins: [web] })
 * await server.listen()
 * ```
 *
 * Nothing is reachable that was not mounted. Importing it loads no HTTP server: that happens when one listens.
 *
 * @packageDocumentation
 */
export type { Access, Role } from './access/access.ts'
export type { TokenAccess } from './access/token-access.ts'
export type { TokenOptions } from './access/tokens.ts'
export { api } from './api/api.ts'
export { statsCompat } from './compat/stats-compat.ts'
export { dashboard } from './dashboard/dashboard.ts'
export { pages } from './pages/pages.ts'
export type { VisibleStream } from './pages/visible-streams.ts'
export { webScripts } from './pages/web-scripts.ts'
export { health } from './health/index.ts'
export { http, type HttpOptions, type HttpPlugin } from './house/http.ts'
export { addExtensionRoutes, type ExtensionHandler, extensionOf } from './house/extension-routes.ts'
export { guarded } from './house/guarded.ts'
export type { TunnelOptions, TunnelTransport } from './house/tunnel.ts'
export type { WebSocketAcceptOptions } from './house/web-socket.ts'
export { house, type HouseOptions, type ServerHouse } from './house/server-house.ts'
export { metrics, type MetricsOptions } from './metrics/metrics.ts'
export type { ServerMetricsOptions } from './metrics/server-metrics.ts'
export type { MetricSnapshot, MetricsSnapshot } from './metrics/snapshot.ts'
export type { House, Mount } from './mount.ts'
export type { Problem } from './problem/problem.ts'
export type { ClusterStats } from './report/cluster.ts'
export { failureOf } from './report/failure.ts'
export type { LiveReport } from './report/live-report.ts'
export type * from './report/report.ts'
export type { Act, EndStatus, Outcome, Reports } from './report/reports.ts'
export type { WatchOptions } from './report/watch-options.ts'
export { answerQuestion, type OtherProcesses, type ReportQuestion, SeveralReports } from './report/several.ts'
