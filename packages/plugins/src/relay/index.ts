/**
 * Streams between servers: `relayPush` sends what is published here elsewhere, `relayPull` fetches what is played here and
 * published elsewhere. Both connect again by themselves. Nothing is transcoded, and recordings are not fetched.
 *
 * @example
 * ```ts
 * server.use(relayPush({ connect, to: ['rtmp://backup.example/live'] }))
 * server.use(relayPull({ connect, from: ({ app, streamName }) => `rtmp://origin.example/${app}/${streamName}` }))
 * ```
 *
 * @packageDocumentation
 */
export type { BackoffOptions } from './backoff.ts'
export { backoffDefaults, relayPullDefaults } from './defaults.ts'
export { RELAY_CONNECT, type RelayConnect } from './relay-connect.ts'
export type { RelayOptions } from './relay-options.ts'
export { RELAY_PULL_OPTIONS, relayPull, RelayPull, type RelayPullOptions } from './relay-pull.ts'
export { RELAY_PUSH_OPTIONS, relayPush, RelayPush, type RelayPushOptions } from './relay-push.ts'
export type { RelayEvents, RelayState, RelayStatus } from './relay-status.ts'
