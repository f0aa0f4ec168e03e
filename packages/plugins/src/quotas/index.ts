/**
 * Quotas that a server's owner sets, unlike the limits that protect its memory: bits per second, viewers of a stream,
 * streams of a key, connections of an address. A client that exceeds one is told which.
 *
 * @example
 * ```ts
 * server.use(quotas({ bitrate: 6_000_000, viewersPerStream: 500, streamsPerKey: 1, connectionsPerAddress: 20 }))
 * ```
 *
 * @packageDocumentation
 */
export { networkOf } from '../address.ts'
export { type BitrateQuota } from './bitrate-meter.ts'
export type { ConnectionQuota } from './connection-quota.ts'
export { quotasDefaults } from './defaults.ts'
export { QUOTAS_OPTIONS, Quotas, quotas, type QuotasOptions } from './quotas.ts'
export type { Publish } from './stream-quota.ts'
