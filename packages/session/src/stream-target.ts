import { LimitError, ProtocolError } from '@rtmpipe/chunk-stream'

const maxNameLength = 512
/** Longer than any token seen, short enough to be taken apart without a pause. */
const maxQueryLength = 8_192

/** What a `connect` addresses: the application, and the query parameters that came with it. */
export interface AppTarget {
  readonly app: string
  readonly query: URLSearchParams
}

/** What a `publish` or `play` addresses. */
export interface StreamTarget extends AppTarget {
  readonly streamName: string
}

/**
 * Application of a `connect`. Clients put a query after `app`, after `tcUrl` or both; some leave `app` out.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function appTarget(app: string, tcUrl: string): AppTarget {
  const [tcPath, tcQuery] = splitQuery(tcUrl)
  const [appPath, appQuery] = splitQuery(app === '' ? tcPath.replace(/^[a-z]+:\/\/[^/]*/i, '') : app)
  checkLength('app', appPath, maxNameLength)
  const trimmed = trimSlashes(trimSlashes(appPath).replace(/(^|\/)_definst_$/, ''))
  checkName('app', trimmed)
  return { app: trimmed, query: mergeQueries(new URLSearchParams(tcQuery), appQuery) }
}

/**
 * Stream of a `publish` or `play`. A query after the name is split off; without a name the last part of the application
 * counts as one, for clients whose server field holds the whole URL.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function streamTarget(target: AppTarget, name: string): StreamTarget {
  const [namePath, nameQuery] = splitQuery(name)
  const query = mergeQueries(new URLSearchParams(target.query), nameQuery)
  checkName('stream name', namePath)
  if (namePath !== '') return { app: target.app, streamName: namePath, query }
  const slash = target.app.lastIndexOf('/')
  if (slash < 0) throw new ProtocolError('command', 'RTMP_ERR_STREAM_NAME', 'the stream name is empty')
  return { app: target.app.slice(0, slash), streamName: target.app.slice(slash + 1), query }
}

function splitQuery(text: string): [path: string, query: string] {
  const at = text.search(/[?#]/)
  if (at < 0) return [text, '']
  const query = text.slice(at + 1)
  checkLength('query', query, maxQueryLength)
  return [text.slice(0, at), query]
}

function mergeQueries(into: URLSearchParams, query: string): URLSearchParams {
  for (const [key, value] of new URLSearchParams(query)) into.set(key, value)
  return into
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}

/** Names reach logs, files and other servers: what could harm there is refused here, once. */
function checkName(what: string, name: string): void {
  checkLength(what, name, maxNameLength)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\]|(^|\/)\.\.?(\/|$)/.test(name)) {
    throw new ProtocolError(
      'command',
      'RTMP_ERR_STREAM_NAME',
      `${what} ${JSON.stringify(name)} has characters that are not allowed`,
    )
  }
}

/** Before anything looks into it: patterns and queries take more than linear time. */
function checkLength(what: string, text: string, max: number): void {
  if (text.length <= max) return
  throw new LimitError('RTMP_ERR_NAME_LENGTH', `${what} has ${text.length} characters, more than ${max}`)
}
