import { type AmfObject, type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from './check-options.ts'
import { checkStatusCode, type StatusCode } from '../protocol/status.ts'

const known: Record<keyof DenialOptions, true> = { keepsConnection: true }

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
  /**
   * Status of the answer to viewers over HTTP: 401 for who has to say who it is, 403, 404 and others from 400 to 599. Default
   * by the code: 404 for `NetStream.Play.StreamNotFound`, 403 for most.
   */
  readonly httpStatus?: number
}

/** How a refusal is carried out. */
export interface DenialOptions {
  /**
   * The client is told on its NetStream, which it may use again, and its connection goes on: for a page whose calls and shared
   * objects share it. What a refused `play2` would have replaced goes on, too. A refused `connect` ends in any case. Default
   * false: the connection ends, since many encoders go on sending when they are only told.
   */
  readonly keepsConnection?: boolean
}

/** A refusal as a reply the client understands; not an error. Made by {@link deny}. */
export interface Denial extends DenialOptions {
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
 * @example
 * ```ts
 * deny('NetStream.Play.Failed', 'for members only', {}, { keepsConnection: true })
 * ```
 *
 * @param code sent to the client, for example `NetStream.Publish.Denied`
 * @param description shown by most clients; keep secrets out of it
 * @param info further fields of the info object that the client gets; default none
 * @throws UsageError `RTMP_ERR_USAGE` for a code that clients do not know, for fields that can not be sent, and for options
 *   that do not exist
 */
export function deny(code: StatusCode, description: string, info?: DenialInfo, options: DenialOptions = {}): Denial {
  checkStatusCode(code)
  checkOptions('deny()', options, known)
  if (info !== undefined) checkDenialInfo(info)
  return { denied: true, code, description, ...(info && { info }), ...options }
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
