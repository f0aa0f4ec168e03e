import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { Refusal } from '../contract/denial.ts'
import type { Logger } from '../contract/logger.ts'
import type { RefusalEvent, Refused } from '../contract/refusal-event.ts'
import { shownName, shownReason } from '../protocol/shown-name.ts'
import type { Hooks } from './hooks.ts'

/** What was asked for. */
export interface RefusedName {
  readonly app: string
  readonly streamName?: string
  readonly sharedObject?: string
}

/** A connection, with its log and who is told of it. */
interface RefusedConnection extends ConnectionInfo {
  readonly log: Logger
  readonly hooks: Hooks
}

/**
 * Tells of a refusal: by one line of the log, with all it takes to find its cause or to ban an address that goes on
 * trying, and by `onRefusal`. Keys are left out.
 */
export function tellRefusal(connection: RefusedConnection, what: Refused, name: RefusedName, refusal: Refusal): void {
  const event = refusalEvent(connection, what, name, refusal)
  const { app, streamName, sharedObject, plugin, code, reason } = event
  connection.log.info(
    {
      app,
      ...(streamName !== undefined && { stream: streamName }),
      ...(sharedObject !== undefined && { sharedObject }),
      ...(plugin !== undefined && { plugin }),
      code,
      reason,
    },
    `${what} refused`,
  )
  noticeRefusal(connection, event)
}

/** Tells plugins of a refusal that has a line of the log already. */
export function noticeRefusal({ hooks }: RefusedConnection, event: RefusalEvent): void {
  // The client is answered first: a plugin may end the connection. What that brings about comes in a later tick.
  process.nextTick(() => void hooks.notice('onRefusal', event))
}

/** What is told of a refusal. */
export function refusalEvent(
  connection: ConnectionInfo,
  what: Refused,
  { app, streamName, sharedObject }: RefusedName,
  { plugin, code, description }: Refusal,
): RefusalEvent {
  return {
    what,
    connection,
    remote: connection.remote,
    transport: connection.transport,
    app: shownName(app),
    ...(streamName !== undefined && { streamName: shownName(streamName) }),
    ...(sharedObject !== undefined && { sharedObject: shownName(sharedObject) }),
    ...(plugin !== undefined && { plugin }),
    code,
    reason: withoutChallenge(shownReason(description, streamName)),
  }
}

/** Challenges of logins stand in the query of a reason, and are nobody else's business. */
function withoutChallenge(reason: string): string {
  return reason.replace(/(\?[^\s&]*)&\S*/g, '$1&…')
}
