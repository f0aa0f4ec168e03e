import { UsageError } from '@rtmpipe/chunk-stream'

/** A URL of a stream, taken apart for a client: where to connect, and what to publish or play there. */
export interface StreamUrl {
  /** The application's URL, for {@link connect}. */
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
 * Splits `rtmp://host/app[/instance]/name[?query]` at the last slash of the path, and `rtmp://host/app?query/name`, as
 * some encoders want it, at the last slash. Nothing is encoded or decoded: names with blanks go out as they are.
 *
 * @throws UsageError when application or name is missing
 */
export function splitStreamUrl(text: string): StreamUrl {
  const { origin, rest } = takeApart(text)
  const end = rest.search(/[?#]/)
  const path = end < 0 ? rest : rest.slice(0, end)
  const inPath = path.lastIndexOf('/')
  // Only an application stands before the query: the name comes after it.
  const slash = inPath === 0 && path.length > 1 ? rest.lastIndexOf('/') : inPath
  const [app, streamName] = [rest.slice(0, Math.max(slash, 0)), rest.slice(slash + 1)]
  if (app === '' || /^([?#]|$)/.test(streamName)) {
    throw new UsageError('RTMP_ERR_URL', `${origin}${path} names no stream: expected rtmp://host/app/name`)
  }
  return { appUrl: origin + app, streamName }
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
  readonly rest: string
}

function takeApart(text: string): Parts {
  // A parser of URLs would encode what stands after the host.
  const [, scheme = '', authority = '', rest = ''] = /^([^:/?#]+):\/\/([^/?#]*)(.*)$/.exec(text.trim()) ?? []
  const url = URL.canParse(text) ? new URL(text) : undefined
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (scheme === '' || url === undefined || url.hostname === '' || /[\u0000-\u001f\u007f]/.test(rest)) {
    throw new UsageError('RTMP_ERR_URL', `${JSON.stringify(text)} is not a URL like rtmp://host/app`)
  }
  return { url, origin: `${scheme}://${authority.slice(authority.lastIndexOf('@') + 1)}`, rest }
}
