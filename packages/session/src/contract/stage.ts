import type { Duplex } from 'node:stream'

/** What a stage may know of the connection it is built for. */
export interface StageContext {
  /** Id of the connection, as in logs. */
  readonly connectionId: string
  /** Aborted when the connection has ended. */
  readonly signal: AbortSignal
}

/** Where in a connection's incoming path a stage stands. */
export type StagePosition = 'afterHandshake' | 'afterDemux'

/**
 * A named factory of one Transform for one connection. The list is fixed before the server listens; a running pipeline
 * is never edited. `afterHandshake` stages carry bytes, `afterDemux` stages carry messages.
 */
export interface Stage {
  /** Shown in errors. */
  readonly name: string
  /** Where in the path it stands. */
  readonly position: StagePosition
  /** Makes the Transform for one connection. */
  create(context: StageContext): Duplex
}
