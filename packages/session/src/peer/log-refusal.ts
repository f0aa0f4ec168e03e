import type { Refusal } from '../contract/denial.ts'
import type { Logger } from '../contract/logger.ts'
import { shownName, shownReason } from '../protocol/shown-name.ts'

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
 *
 * @param log that of the connection
 */
export function logRefusal(log: Logger, what: Refused, name: RefusedName, refusal: Refusal): void {
  const { app, streamName, sharedObject } = name
  const { plugin, code, description } = refusal
  log.info(
    {
      app: shownName(app),
      ...(streamName !== undefined && { stream: shownName(streamName) }),
      ...(sharedObject !== undefined && { sharedObject: shownName(sharedObject) }),
      ...(plugin !== undefined && { plugin }),
      code,
      reason: withoutChallenge(shownReason(description, streamName)),
    },
    `${what} refused`,
  )
}

/** Challenges of logins stand in the query of a reason, and are nobody else's business. */
function withoutChallenge(reason: string): string {
  return reason.replace(/(\?[^\s&]*)&\S*/g, '$1&…')
}
