import type { Logger } from '@rtmpipe/session'
import type { BackoffOptions } from './backoff.ts'
import type { RelayConnect } from './relay-connect.ts'

/** What every relay can be told. */
export interface RelayOptions {
  /** How to connect: `connect` of rtmpipe, or what is like it. */
  readonly connect: RelayConnect
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
  /** Default nowhere. What may be secret in URLs is left out. */
  readonly log?: Logger
}
