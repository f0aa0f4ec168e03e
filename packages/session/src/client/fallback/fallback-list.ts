import { UsageError } from '@rtmpipe/chunk-stream'
import type { ConnectAttempt } from '../../contract/connect-attempt.ts'
import { defaultPorts, placeOf, schemeOf } from './place-of.ts'

/** What encryption is worth: RTMPE and RTMFP hide, TLS protects. */
const strengths: Readonly<Record<string, number>> = {
  rtmp: 0,
  rtmpt: 0,
  rtmpe: 1,
  rtmpte: 1,
  rtmfp: 1,
  rtmps: 2,
  rtmpts: 2,
  ws: 0,
  wss: 2,
  'rtmp+ws': 0,
  'rtmp+wss': 2,
}

const [hidden, protectedByTls] = [1, 2]

/** What networks let pass, the cheapest first. */
const standard = ['rtmp:1935', 'rtmps:443', 'rtmpts:443', 'rtmpt:80']
const standardHidden = ['rtmpe:1935', 'rtmps:443', 'rtmpts:443', 'rtmpte:80']

/** A part of the list: where and how to dial. */
interface Entry {
  readonly scheme: string
  /** Undefined for that of the URL. */
  readonly hostname: string | undefined
  readonly port: string
}

/** The ways to a server: its URL, and what is tried when that does not answer. */
export class FallbackList {
  readonly #home: URL
  readonly #entries: readonly Entry[] | undefined

  /**
   * @param home URL that the list was given for
   * @param given `true` for what networks usually let pass; or schemes (`rtmpts`), with ports (`rtmpts:8443`), or with
   *   hosts too (`rtmpts://host:8443`)
   * @throws UsageError `RTMP_ERR_FALLBACK_LIST` for an entry that is none of these
   */
  constructor(home: URL, given: true | readonly string[]) {
    this.#home = home
    this.#entries = given === true ? undefined : listOf(given).map(text => parsed(text))
  }

  /**
   * URLs to dial in order, `target` first. At another host than the list was given for, that is where a server has sent
   * us, hosts of the list are replaced by it.
   *
   * @param knows whether a scheme can be dialled
   * @returns and what is not dialled, since it is less encrypted than the URL that was asked for
   */
  waysTo(target: URL, knows: (scheme: string) => boolean): { ways: URL[]; refused: ConnectAttempt[] } {
    const wanted = schemeOf(target)
    const strength = strengths[wanted] ?? protectedByTls
    const isHome = target.hostname.toLowerCase() === this.#home.hostname.toLowerCase()
    const ways = new Map([[placeOf(target), target]])
    const refused: ConnectAttempt[] = []
    for (const { scheme, hostname, port } of this.#entries ?? standardFor(wanted, knows)) {
      const way = new URL(`${scheme}://${(isHome ? hostname : undefined) ?? target.hostname}:${port}`)
      const place = placeOf(way)
      if (scheme === wanted || (strengths[scheme] ?? 0) >= strength) ways.set(place, ways.get(place) ?? way)
      // Of the standard ones nobody has asked for it.
      else if (this.#entries !== undefined) refused.push({ url: place, error: lessEncrypted(wanted) })
    }
    return { ways: [...ways.values()], refused }
  }
}

/** An unknown scheme, a transport of the user's own, falls back to nothing unless told. */
function standardFor(wanted: string, knows: (scheme: string) => boolean): readonly Entry[] {
  const strength = strengths[wanted]
  if (strength === undefined) return []
  const list = strength === hidden ? standardHidden : standard
  // Who names another port of RTMP has nothing at 1935.
  return list.map(parsed).filter(({ scheme, port }) => knows(scheme) && !(scheme === wanted && port === '1935'))
}

/** Who does not check types may give one text, as the command line takes it. */
function listOf(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.every(each => typeof each === 'string')) return given
  throw new UsageError('RTMP_ERR_FALLBACK_LIST', 'fallback: expected true, false or a list like ["rtmpts:8443"]')
}

function parsed(text: string): Entry {
  const [, scheme = '', port = ''] = /^([a-z][a-z\d+.-]*)(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (scheme !== '') return entry(text, scheme, undefined, port)
  const [, named] = /^([a-z][a-z\d+.-]*:\/\/[^/?#@\s]+)\/?$/i.exec(text) ?? []
  if (named === undefined || !URL.canParse(named)) throw notUnderstood(text)
  const url = new URL(named)
  return entry(text, schemeOf(url), url.hostname, url.port)
}

function entry(text: string, given: string, hostname: string | undefined, givenPort: string): Entry {
  const scheme = given.toLowerCase()
  const port = givenPort || defaultPorts[scheme]
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) throw notUnderstood(text)
  return { scheme, hostname, port: String(Number(port)) }
}

function notUnderstood(text: string): UsageError {
  // It may be a whole URL, with a stream's key in it.
  const shown = JSON.stringify(text.replace(/^([a-z]+:\/\/)?.*@/i, '$1').replace(/(\w)[/?#].*$/, '$1/…'))
  return new UsageError(
    'RTMP_ERR_FALLBACK_LIST',
    `fallback ${shown}: expected a scheme, with a port or with host and port: rtmpts, rtmpts:8443 or rtmpts://host:8443`,
  )
}

function lessEncrypted(wanted: string): UsageError {
  return new UsageError('RTMP_ERR_FALLBACK_ENCRYPTION', `not tried, it is less encrypted than ${wanted}`)
}
