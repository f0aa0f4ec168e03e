import { UsageError } from '@rtmpipe/chunk-stream'

/**
 * A stream at a server in two parts, as encoders have two fields for it: for keys that a URL can't carry beyond doubt.
 */
export interface StreamAddress {
  /** The application's URL, query included: `rtmp://host/live2?backup=1`. */
  readonly app: string
  /** The stream's name, query included. */
  readonly name: string
}

/** A stream's address, taken apart for a client: where to connect, and what to publish or play there. */
export interface StreamUrl {
  /** The application's URL, for {@link connect}; with user and password, if there are any. */
  readonly appUrl: string
  /** The stream's name with its query. */
  readonly streamName: string
}

/** A URL of an application, as a client sends it in `connect`: as it was typed, neither encoded nor decoded. */
export interface AppUrl {
  /** To dial. */
  readonly url: URL
  /** Path and query without slashes around the path. */
  readonly app: string
  /** The whole, without user and password. */
  readonly tcUrl: string
}

/**
 * Splits `rtmp://host/app[/instance]/name[?query]` at the last slash of the path, or before the prefix of a file's kind
 * (`app/mp4:folder/file`). A name may be a query alone (`app/?query`), and an application without instance may have a
 * query of its own (`app?query/name`). Nothing is encoded or decoded: names with blanks go out as they are.
 *
 * @throws UsageError when application or name is missing
 */
export function splitStreamUrl(stream: string | StreamAddress): StreamUrl {
  if (typeof stream !== 'string') return joined(stream)
  const { origin, login, rest } = takeApart(stream)
  const slash = nameStart(rest)
  const [app, streamName] = [rest.slice(0, Math.max(slash, 0)), rest.slice(slash + 1)]
  if (/^\/*$/.test(app) || isNoName(streamName)) {
    const [path] = rest.split(/[?#]/, 1)
    throw new UsageError('RTMP_ERR_URL', `${origin}${path} names no stream: expected rtmp://host/app/name`)
  }
  return { appUrl: withLogin(origin, login) + app, streamName }
}

/** Where the slash before the name stands. */
function nameStart(rest: string): number {
  const end = rest.search(/[?#]/)
  const path = end < 0 ? rest : rest.slice(0, end)
  const file = path.search(/\/(flv|mp3|mp4):/)
  if (file > 0) return file
  const inPath = path.lastIndexOf('/')
  // Only an application stands before the query: the name comes after it.
  return inPath === 0 && path.length > 1 ? rest.lastIndexOf('/') : inPath
}

function joined({ app, name }: StreamAddress): StreamUrl {
  const { origin, login, rest } = takeApart(app)
  if (/^\/*([?#]|$)/.test(rest) || isNoName(name) || hasControls(name))
    throw new UsageError(
      'RTMP_ERR_URL',
      'an address names no stream: expected { app: "rtmp://host/app", name: "name" }',
    )
  return { appUrl: withLogin(origin, login) + rest, streamName: name }
}

/** A query alone may be a name. */
function isNoName(name: string): boolean {
  return /^(#|\?*$)/.test(name)
}

/** @throws UsageError for what is no URL with a host */
export function parseAppUrl(text: string): AppUrl {
  const { url, origin, rest } = takeApart(text)
  const [path = ''] = rest.split(/[?#]/, 1)
  const app = path.replace(/^\/+|\/+$/g, '') + rest.slice(path.length)
  return { url, app, tcUrl: origin + rest }
}

interface Parts {
  readonly url: URL
  /** Scheme, host and port. */
  readonly origin: string
  /** User and password as they were written; '' without. */
  readonly login: string
  readonly rest: string
}

function takeApart(text: string): Parts {
  // A parser of URLs would encode what stands after the host.
  const [, scheme = '', authority = '', rest = ''] = /^([^:/?#]+):\/\/([^/?#]*)(.*)$/.exec(text.trim()) ?? []
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (scheme === '' || url === undefined || url.hostname === '' || hasControls(rest)) {
    throw new UsageError('RTMP_ERR_URL', `${JSON.stringify(text)} is not a URL like rtmp://host/app`)
  }
  const at = authority.lastIndexOf('@')
  return { url, origin: `${scheme}://${authority.slice(at + 1)}`, login: authority.slice(0, Math.max(at, 0)), rest }
}

function withLogin(origin: string, login: string): string {
  return login === '' ? origin : origin.replace('://', () => `://${login}@`)
}

function hasControls(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text)
}
