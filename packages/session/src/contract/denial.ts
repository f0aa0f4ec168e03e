import { checkStatusCode, type StatusCode } from '../protocol/status.ts'

/** A refusal as a reply the client understands; not an error. Made by {@link deny}. */
export interface Denial {
  readonly denied: true
  /** What the client is told. */
  readonly code: StatusCode
  /** The same in words; most clients show it. */
  readonly description: string
}

/**
 * Refuses what a gate hook was asked.
 *
 * @param code sent to the client, for example `NetStream.Publish.Denied`
 * @param description shown by most clients; keep secrets out of it
 * @throws UsageError `RTMP_ERR_USAGE` for a code that clients do not know
 */
export function deny(code: StatusCode, description: string): Denial {
  checkStatusCode(code)
  return { denied: true, code, description }
}
