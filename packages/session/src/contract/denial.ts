import { type AmfObject, type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { UsageError } from '@rtmpipe/chunk-stream'
import { checkStatusCode, type StatusCode } from '../protocol/status.ts'

/** Where else a client may go; servers put it into the info object of a refusal. Not in the specification. */
export interface RedirectInfo {
  readonly [name: string]: AmfValue
  /** 302, as of HTTP. */
  readonly code: number
  /** URL of server and application, as for `connect`: `rtmp://host/app`. */
  readonly redirect: string
}

/** What the info object of a refusal says besides level, code and description. */
export interface DenialInfo {
  readonly [name: string]: AmfValue
  /** Sends the client elsewhere, if it follows redirects. */
  readonly ex?: RedirectInfo
}

/** A refusal as a reply the client understands; not an error. Made by {@link deny}. */
export interface Denial {
  readonly denied: true
  /** What the client is told. */
  readonly code: StatusCode
  /** The same in words; most clients show it. */
  readonly description: string
  /** Further fields of the info object. */
  readonly info?: DenialInfo
}

/** A denial, and whose it is. */
export interface Refusal extends Denial {
  /** Name of the plugin that refuses; undefined where the server itself does. */
  readonly plugin?: string
}

/**
 * Refuses what a gate hook was asked.
 *
 * @example
 * ```ts
 * deny('NetConnection.Connect.Rejected', 'moved', { ex: { code: 302, redirect: 'rtmp://other.example/live' } })
 * ```
 *
 * @param code sent to the client, for example `NetStream.Publish.Denied`
 * @param description shown by most clients; keep secrets out of it
 * @param info further fields of the info object that the client gets; default none
 * @throws UsageError `RTMP_ERR_USAGE` for a code that clients do not know, and for fields that can not be sent
 */
export function deny(code: StatusCode, description: string, info?: DenialInfo): Denial {
  checkStatusCode(code)
  if (info === undefined) return { denied: true, code, description }
  checkDenialInfo(info)
  return { denied: true, code, description, info }
}

/** @throws UsageError `RTMP_ERR_USAGE` for what is no object that can be sent, or says what the denial says itself */
export function checkDenialInfo(info: AmfObject): void {
  for (const name of ['level', 'code', 'description']) {
    if (Object.hasOwn(info, name)) throw new UsageError('RTMP_ERR_USAGE', `deny(): ${name} has no place in info`)
  }
  try {
    encodeAmf0({ ...info })
  } catch (cause) {
    throw new UsageError('RTMP_ERR_USAGE', `deny(): info can not be sent: ${(cause as Error).message}`, { cause })
  }
}
