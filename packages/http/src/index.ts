/**
 * Status, metrics, API and dashboard of a server, on one fastify server per port.
 *
 * @packageDocumentation
 */
export type { Access, Role } from './access/access.ts'
export { api } from './api/api.ts'
export { dashboard } from './dashboard/dashboard.ts'
export type { House, Mount } from './mount.ts'
export type { Problem } from './problem/problem.ts'
export type { LiveReport } from './report/live-report.ts'
export type * from './report/report.ts'
export type { Act, EndStatus, Outcome, Reports } from './report/reports.ts'
