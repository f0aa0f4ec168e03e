import type { Logger } from '@rtmpipe/session'
import type { BackoffOptions } from './backoff.ts'
import type { RelayConnect } from './relay-connect.ts'

/** Options of every relay. */
export interface RelayOptions {
  /** How to connect: `connect` of rtmpipe, or a function like it. */
  readonly connect: RelayConnect
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
  /** Where it logs to, without the secret parts of URLs; default the server's log. */
  readonly log?: Logger
}
