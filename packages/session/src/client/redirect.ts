import { ProtocolError } from '@rtmpipe/chunk-stream'
import { StatusError } from '../contract/errors.ts'
import { objectOf } from '../protocol/command.ts'
import { type AppUrl, parseAppUrl } from './stream-url.ts'

const encrypted = new Set(['rtmps:', 'rtmpts:', 'wss:', 'rtmp+wss:'])
const schemes = new Set(['rtmp:', 'rtmpt:', 'rtmpe:', 'rtmpte:', 'rtmfp:', 'ws:', 'rtmp+ws:', ...encrypted])
const maxUrlLength = 8_192

/**
 * Where a server that refuses wants us: `ex.redirect` of its info object, with `ex.code` 302, as FMS and those after it
 * do. Not in the specification.
 *
 * @param current URL of the application that has refused
 * @returns undefined for refusals of all other kinds
 * @throws ProtocolError `RTMP_ERR_REDIRECT` for what is no URL of RTMP, or one without the encryption that we have
 */
export function redirectOf(refusal: unknown, current: string): AppUrl | undefined {
  if (!(refusal instanceof StatusError)) return undefined
  const { code, redirect } = objectOf(refusal.info['ex'])
  if (code !== 302 || typeof redirect !== 'string' || redirect === '') return undefined
  const target = redirect.length > maxUrlLength ? undefined : parsed(redirect)
  if (target === undefined) throw notFollowed('no URL to connect to', refusal)
  const { protocol } = target.url
  if (!schemes.has(protocol)) throw notFollowed(`${protocol} is not RTMP`, refusal)
  if (encrypted.has(new URL(current).protocol) && !encrypted.has(protocol)) {
    throw notFollowed(`${protocol} is not encrypted`, refusal)
  }
  return target
}

/** The error of a redirect that is not followed. */
export function notFollowed(why: string, refusal: unknown): ProtocolError {
  return new ProtocolError('command', 'RTMP_ERR_REDIRECT', `the server sends us elsewhere: ${why}`, { cause: refusal })
}

/** Options that were given for one server: another host or port is told none of them, but what its URL has. */
const ofOneServer = new Set(['properties', 'args', 'login'])

/** Options for the server that we are sent to from one at `from`. */
export function optionsFor<Options extends object>(to: AppUrl, from: string, options: Options): Options {
  if (to.url.host === new URL(from).host) return options
  // All three are optional.
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ofOneServer.has(name))) as Options
}

function parsed(text: string): AppUrl | undefined {
  try {
    return parseAppUrl(text)
  } catch {
    return undefined
  }
}
