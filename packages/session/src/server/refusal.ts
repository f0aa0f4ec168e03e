import { onStatus } from '../protocol/command.ts'
import type { Command } from '../protocol/command.ts'
import { deny, type Refusal } from '../contract/denial.ts'
import { shownName } from '../protocol/shown-name.ts'
import type { StatusCode } from '../protocol/status.ts'
import type { NetConnection } from './net-connection.ts'

/** What may be refused. */
export type Refused = 'connect' | 'publish' | 'play' | 'play2' | 'shared object'

/** What was asked for. */
export interface RefusedName {
  readonly app: string
  readonly streamName?: string
  readonly sharedObject?: string
}

/**
 * The one line of the log about a refusal, with all it takes to find its cause, or to ban an address that goes on
 * trying. Keys are left out.
 */
export function logRefusal(connection: NetConnection, what: Refused, name: RefusedName, refusal: Refusal): void {
  const { app, streamName, sharedObject } = name
  const { plugin, code, description } = refusal
  connection.log.info(
    {
      app: shownName(app),
      ...(streamName !== undefined && { stream: shownName(streamName) }),
      ...(sharedObject !== undefined && { sharedObject: shownName(sharedObject) }),
      ...(plugin !== undefined && { plugin }),
      code,
      reason: shownReason(description),
    },
    `${what} refused`,
  )
}

/** Challenges of logins stand in the query of a reason, and are nobody else's business. */
function shownReason(description: string): string {
  return description.replace(/(\?[^\s&]*)&\S*/g, '$1&…')
}

/** Refuses what is asked on a message stream without a NetStream. It is told there, and the connection goes on. */
export function refuseWithoutNetStream(
  connection: NetConnection,
  { messageStreamId, args: [name] }: Command,
  what: Refused,
  code: StatusCode,
): void {
  const description = `there is no NetStream ${messageStreamId}: createStream makes one, and tells its id`
  const streamName = typeof name === 'string' ? name : ''
  logRefusal(connection, what, { app: connection.app, streamName }, deny(code, description))
  connection.send(onStatus(messageStreamId, code, description))
}
