import { UsageError } from '@rtmpipe/chunk-stream'

/** A URL of a stream, taken apart for a client: where to connect, and what to publish or play there. */
export interface StreamUrl {
  /** The application's URL, for {@link connect}. */
  readonly appUrl: string
  /** The stream's name with its query. */
  readonly streamName: string
}

/**
 * Splits `rtmp://host/app[/instance]/name[?query]` at the last slash of the path.
 *
 * @throws UsageError when application or name is missing
 */
export function splitStreamUrl(text: string): StreamUrl {
  const url = parseUrl(text)
  const slash = url.pathname.lastIndexOf('/')
  const [app, name] = [url.pathname.slice(0, slash), url.pathname.slice(slash + 1)]
  if (app === '' || name === '') {
    throw new UsageError(
      'RTMP_ERR_URL',
      `${url.protocol}//${url.host}${url.pathname} names no stream: expected rtmp://host/app/name`,
    )
  }
  return { appUrl: `${url.protocol}//${url.host}${app}`, streamName: name + url.search }
}

/** @throws UsageError for what is no URL with a host */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '') {
    throw new UsageError('RTMP_ERR_URL', `${JSON.stringify(text)} is not a URL like rtmp://host/app`)
  }
  return url
}
