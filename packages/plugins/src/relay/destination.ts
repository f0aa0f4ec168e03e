import { percentDecoded } from '../percent-encoding.ts'

/**
 * A stream at another server. Its name and query may be secret, because platforms use them for stream keys; a password
 * before the host is secret too.
 */
export interface Destination {
  /** The whole URL. */
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

/** Scheme, user and password, host with port, path, query. */
const parts = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]+)\/([^?#]*)(.*)$/i

/**
 * Makes a destination of a URL like `rtmp://host/app/name?query`.
 *
 * @throws TypeError, without the text, for what is no such URL
 */
export function destinationOf(url: string): Destination {
  const { scheme, login, host, path, query } = takeApart(url, 'rtmp://host/app/name')
  const slash = path.lastIndexOf('/')
  const app = path.slice(0, Math.max(slash, 0))
  const name = path.slice(slash + 1)
  if (app === '' || name === '') throw wrongUrl('rtmp://host/app/name')
  const streamName = name + query
  const secrets = secretsOf([url, streamName, name], login, query)
  const appUrl = `${scheme}://${login}${host}/${app}`
  return { url, appUrl, streamName, shown: `${scheme}://${host}/${app}/…`, secrets }
}

/**
 * Where streams of any name go below a URL like `rtmp://host/app?query`.
 *
 * @throws TypeError, without the text, for what is no such URL
 */
export function destinationsBelow(base: string): (name: string) => Destination {
  const { scheme, login, host, path, query } = takeApart(base, 'rtmp://host/app')
  const app = path.replace(/\/+$/, '')
  if (app === '') throw wrongUrl('rtmp://host/app')
  const appUrl = `${scheme}://${login}${host}/${app}`
  return name => {
    const url = `${appUrl}/${name}${query}`
    const streamName = name + query
    const secrets = secretsOf([login === '' && query === '' ? '' : url, query === '' ? '' : streamName], login, query)
    return { url, appUrl, streamName, shown: `${scheme}://${host}/${app}/${name}${query === '' ? '' : '?…'}`, secrets }
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

function secretsOf(texts: readonly string[], login: string, query: string): readonly string[] {
  const [, password = ''] = /^[^:]*:(.*)@$/s.exec(login) ?? []
  const parameters = query.replace(/^[?#]/, '')
  const values = [
    ...new URLSearchParams(parameters).values(),
    ...parameters.split('&').map(pair => pair.replace(/^[^=]*=/, '')),
  ]
  const secrets = [...texts, login.slice(0, -1), password, percentDecoded(password), parameters, ...values].filter(
    secret => secret !== '',
  )
  // Longest first: to replace a part of a secret would leave the rest of it.
  return secrets.sort((one, other) => other.length - one.length)
}

interface Parts {
  readonly scheme: string
  /** `user:password@`, as it was written; '' without. */
  readonly login: string
  /** With port. */
  readonly host: string
  readonly path: string
  readonly query: string
}

function takeApart(text: string, like: string): Parts {
  const [, scheme = '', user = '', host = '', path = '', query = ''] = parts.exec(text.trim()) ?? []
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (scheme === '' || !URL.canParse(text) || /[\u0000-\u001f\u007f]/.test(text)) throw wrongUrl(like)
  const login = user === '' ? '' : `${user}@`
  return { scheme: scheme.toLowerCase(), login, host, path: path.replace(/^\/+/, ''), query }
}

function wrongUrl(like: string): TypeError {
  return new TypeError(`a relay's URL is not like ${like}`)
}
