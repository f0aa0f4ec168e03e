import type { StatusCode } from '../protocol/status.ts'
import type { ConnectionInfo } from './connection-info.ts'
import type { PeerAddress } from './transport.ts'

/** What may be refused. */
export type Refused = 'connect' | 'publish' | 'play' | 'play2' | 'shared object'

/** Somebody was not let in: by a plugin, or by the server itself. Keys are left out of it, as in the log. */
export interface RefusalEvent {
  /** What was refused. */
  readonly what: Refused
  /** Who has asked; undefined for one that was turned away before anything was read from it. */
  readonly connection: ConnectionInfo | undefined
  /** Its address. */
  readonly remote: PeerAddress
  /** URL scheme it came by. */
  readonly transport: string
  /** Application, as asked for and without its query; empty if it had not come to that. */
  readonly app: string
  /** Stream name without its query, of a publish or play. */
  readonly streamName?: string
  /** Name of a shared object. */
  readonly sharedObject?: string
  /** Name of the plugin that refuses; absent when the server itself does. */
  readonly plugin?: string
  /** What the client was told. */
  readonly code: StatusCode
  /** The same in words. */
  readonly reason: string
}
