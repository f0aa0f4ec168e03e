/**
 * The API from outside, with `fetch`: for scripts, for the command line and for browsers.
 *
 * @packageDocumentation
 */
export {
  apiClient,
  type ApiClient,
  type ApiClientOptions,
  type ConnectionFilter,
  type PlayerFilter,
  type RecordingFilter,
  type RefusalFilter,
  type RelayFilter,
  type StreamFilter,
} from './api-client.ts'
export { ApiError } from './api-error.ts'
export type { EventsOptions } from './follow-events.ts'
export type { Problem } from '../problem/problem.ts'
export type { EndStatus } from '../report/reports.ts'
export type * from '../report/report.ts'
