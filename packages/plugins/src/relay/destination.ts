import { parseAppUrl, shownName, splitStreamUrl, type StreamAddress } from '@rtmpipe/session'
import { percentDecoded } from '../percent-encoding.ts'

/**
 * A stream at another server. Its name and queries may be secret, because platforms use them for stream keys; a password
 * before the host is secret too.
 */
export interface Destination {
  /** The whole URL, see {@link urlOf}. */
  readonly url: string
  /** Where to connect, with user and password, if there are any. */
  readonly appUrl: string
  /** What to publish or play there, query included. */
  readonly streamName: string
  /** The URL without what may be secret, for logs. */
  readonly shown: string
  /** Texts that may be secret, the longest first. */
  readonly secrets: readonly string[]
}

/** The address as one text, which names a destination. */
export function urlOf(stream: string | StreamAddress): string {
  return typeof stream === 'string' ? stream.trim() : `${stream.app.trim()}/${stream.name}`
}

/**
 * Makes a destination of a URL like `rtmp://host/app/name?query`, or of an address in two parts.
 *
 * @throws TypeError, without the text, for what is no stream's address
 */
export function destinationOf(stream: string | StreamAddress): Destination {
  const { appUrl, streamName } = parsed('rtmp://host/app/name', () => splitStreamUrl(stream))
  const { login, shown, query } = appParts(appUrl, 'rtmp://host/app/name')
  const [name = ''] = streamName.split(/[?#]/, 1)
  const url = urlOf(stream)
  const secrets = secretsOf([url, streamName, name], login, [query, streamName.slice(name.length)])
  return { url, appUrl, streamName, shown: `${shown}/…`, secrets }
}

/**
 * Where streams of any name go below a URL like `rtmp://host/app?query`; the query stands behind the name.
 *
 * @throws TypeError, without the text, for what is no such URL
 */
export function destinationsBelow(base: string): (name: string) => Destination {
  const { login, shown, query, path } = appParts(base, 'rtmp://host/app')
  return name => {
    const [isQuery, and] = name.startsWith('?') ? [true, query.replace('?', '&')] : [false, query]
    const streamName = name + and
    const url = `${path}/${streamName}`
    const visible = shownName(name)
    const isHidden = visible !== name
    const isSecret = isHidden || query !== ''
    const secrets = secretsOf(
      [login === '' && !isSecret ? '' : url, isSecret ? streamName : '', isHidden ? name : ''],
      login,
      isQuery ? [query, name] : [query],
    )
    const more = isQuery || query === '' ? '' : '?…'
    return { url, appUrl: path, streamName, shown: `${shown}/${visible}${more}`, secrets }
  }
}

/** Least length of a secret that is replaced: shorter texts are also parts of harmless words. */
const tellingLength = 6

/** Removes what may be secret from a text about the destination. */
export function withoutSecrets(text: string, { secrets }: Destination): string {
  return secrets.reduce((rest, secret) => {
    if (secret.length >= tellingLength) return rest.replaceAll(secret, '…')
    const escaped = secret.replace(/[^\w\s]/g, '\\$&')
    return rest.replace(new RegExp(`(?<!\\w)${escaped}(?!\\w)`, 'g'), '…')
  }, text)
}

function secretsOf(texts: readonly string[], login: string, queries: readonly string[]): readonly string[] {
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(login) ?? []
  const parameters = queries.map(query => query.replace(/^[?#]/, ''))
  const values = parameters.flatMap(query => [
    ...new URLSearchParams(query).values(),
    ...query.split('&').map(pair => pair.replace(/^[^=]*=/, '')),
  ])
  const secrets = [...texts, login, password, percentDecoded(password), ...parameters, ...values].filter(
    secret => secret !== '',
  )
  // Longest first: to replace a part of a secret would leave the rest of it.
  return secrets.sort((one, other) => other.length - one.length)
}

interface AppParts {
  /** `user:password`, as it was written; '' without. */
  readonly login: string
  /** The application's URL without login and query. */
  readonly shown: string
  /** The application's URL without query. */
  readonly path: string
  readonly query: string
}

function appParts(text: string, like: string): AppParts {
  const { app, tcUrl } = parsed(like, () => parseAppUrl(text))
  const [path = ''] = app.split(/[?#]/, 1)
  if (path === '') throw wrongUrl(like)
  const [, scheme = '', host = ''] = /^([^:]+):\/\/([^/?#]+)/.exec(tcUrl) ?? []
  const [, login = ''] = /^[^:]+:\/\/([^/?#]*)@/.exec(text.trim()) ?? []
  const at = (user: string) => `${scheme.toLowerCase()}://${user}${host}/${path}`
  return { login, shown: at(''), path: at(login === '' ? '' : `${login}@`), query: app.slice(path.length) }
}

/** Errors of the parser repeat what was given to it. */
function parsed<T>(like: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw wrongUrl(like)
  }
}

function wrongUrl(like: string): TypeError {
  return new TypeError(`a relay's URL is not like ${like}`)
}
