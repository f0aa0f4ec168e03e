/**
 * For compliance suites of your own contracts, as this package has them for plugins and transports.
 *
 * @packageDocumentation
 */
export { type BenchCase, type CaseBench, compliance, type ComplianceCase } from './compliance.ts'
export { resources, surplus } from './resources.ts'
export { deadline, until, within } from './within.ts'
