/**
 * Limits that a server's owner sets, as against those that protect its memory: bits per second, viewers of a stream, streams
 * of a key, connections of an address. Who crosses one is told which. Bytes already received are not given back.
 *
 * @example
 * ```ts
 * server.use(limits({ bitrate: 6_000_000, viewersPerStream: 500, streamsPerKey: 1, connectionsPerAddress: 20 }))
 * ```
 *
 * @packageDocumentation
 */
export { type BitrateLimit } from './bitrate-meter.ts'
export type { ConnectionLimit } from './limit-connections.ts'
export { LIMITS_OPTIONS, Limits, limits, type LimitsOptions, type Publish } from './limits.ts'
