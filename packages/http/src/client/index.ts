/**
 * The API from outside, with `fetch`: for scripts, for the command line and for browsers.
 *
 * @packageDocumentation
 */
export type * from '../report/report.ts'
