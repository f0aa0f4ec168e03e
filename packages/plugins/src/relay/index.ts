/**
 * Streams between servers: `relayPush` sends streams that are published here to other servers, `relayPull` fetches
 * streams that are played here from other servers. Both connect again by themselves. Nothing is transcoded, and
 * recordings are not fetched.
 *
 * @example
 * ```ts
 * server.use(relayPush({ connect, to: ['rtmp://backup.example/live'] }))
 * server.use(relayPull({ connect, from: ({ streamName: name }) => ({ app: 'rtmp://origin.example/live', name }) }))
 * ```
 *
 * @packageDocumentation
 */
export type { BackoffOptions } from './backoff.ts'
export { backoffDefaults, relayPullDefaults, relayPushDefaults } from './defaults.ts'
export { RELAY_CONNECT, type RelayConnect } from './relay-connect.ts'
export type { RelayOptions } from './relay-options.ts'
export { RELAY_PULL_OPTIONS, relayPull, RelayPull, type RelayPullOptions } from './relay-pull.ts'
export { RELAY_PUSH_OPTIONS, relayPush, RelayPush, type RelayPushOptions } from './relay-push.ts'
export type { RelayEvents, RelayState, RelayStatus } from './relay-status.ts'
