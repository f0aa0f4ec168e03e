import { LimitError, ProtocolError } from '@rtmpipe/chunk-stream'
import { isHarmful } from './harmful-name.ts'

const maxNameLength = 512
/** Longest query: longer than any token seen, and short enough to be parsed without a noticeable pause. */
const maxQueryLength = 8_192

/** What a `connect` addresses: the application, and the query parameters that came with it. */
export interface AppTarget {
  /** Application with its instance, without query and `/_definst_`: `live`, `live/room`. */
  readonly app: string
  /** What stands after the first slash of `app`; '' for the default instance. */
  readonly instance: string
  /**
   * Query parameters of `tcUrl`, app and stream name, merged in this order; the later wins. Values are decoded once.
   */
  readonly query: URLSearchParams
}

/** What a `publish` or `play` addresses. */
export interface StreamTarget extends AppTarget, StreamName {
  /** What the client wrote behind the stream's name, as it wrote it and without the `?`; '' for nothing. */
  readonly rawQuery: string
}

/** A stream's name, and the kind of file that its prefix asks for. */
export interface StreamName {
  /** Without its query, otherwise as it was sent. */
  readonly streamName: string
  /** What kind of file is asked for, as in `mp4:a/b.mp4`; '' without such a prefix. */
  readonly filePrefix: '' | 'flv' | 'mp3' | 'mp4'
  /** The name without that prefix. */
  readonly fileName: string
}

/**
 * Application of a `connect`. Clients put a query after `app`, after `tcUrl` or both; some leave `app` out.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function appTarget(app: string, tcUrl: string): AppTarget {
  const [tcPath, tcQuery] = splitQuery(tcUrl)
  const [appPath, appQuery] = splitQuery(app === '' ? tcPath.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') : app)
  checkLength('app', appPath, maxNameLength)
  const trimmed = trimSlashes(trimSlashes(appPath).replace(/(^|\/)_definst_$/, ''))
  checkName('app', trimmed)
  return { ...appName(trimmed), query: mergeQueries(new URLSearchParams(tcQuery), appQuery) }
}

function appName(app: string): Pick<AppTarget, 'app' | 'instance'> {
  const slash = app.indexOf('/')
  return { app, instance: slash < 0 ? '' : app.slice(slash + 1) }
}

/** Takes a stream's name apart. */
export function parseStreamName(streamName: string): StreamName {
  const [all = '', prefix = ''] = /^(flv|mp3|mp4):/.exec(streamName) ?? []
  return { streamName, filePrefix: prefix as StreamName['filePrefix'], fileName: streamName.slice(all.length) }
}

/**
 * Stream of a `publish` or `play`. A query after the name is split off. Without a name the last part of the application
 * counts as one, for clients whose server field holds the whole URL; below an application of one part, where some
 * platforms' keys are a query and nothing else, the query itself is the name, `?` included.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function streamTarget(target: AppTarget, name: string): StreamTarget {
  const [namePath, nameQuery] = splitQuery(name)
  const query = mergeQueries(new URLSearchParams(target.query), nameQuery)
  checkName('stream name', namePath)
  const queries = { query, rawQuery: nameQuery }
  if (namePath !== '') return { app: target.app, instance: target.instance, ...queries, ...parseStreamName(namePath) }
  const slash = target.app.lastIndexOf('/')
  if (slash >= 0)
    return { ...appName(target.app.slice(0, slash)), ...queries, ...parseStreamName(target.app.slice(slash + 1)) }
  if (nameQuery === '' || !name.startsWith('?'))
    throw new ProtocolError('command', 'RTMP_ERR_STREAM_NAME', 'the stream name is empty')
  const whole = `?${nameQuery}`
  checkName('stream name', whole)
  return { app: target.app, instance: target.instance, ...queries, ...parseStreamName(whole) }
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

/** Refuses names that could do harm in logs, files or other servers, in this one place. */
function checkName(what: string, name: string): void {
  checkLength(what, name, maxNameLength)
  if (isHarmful(name)) {
    throw new ProtocolError(
      'command',
      'RTMP_ERR_STREAM_NAME',
      `${what} ${JSON.stringify(name)} has characters that are not allowed`,
    )
  }
}

/** Checked first, because patterns and queries take more than linear time. */
function checkLength(what: string, text: string, max: number): void {
  if (text.length <= max) return
  throw new LimitError('RTMP_ERR_NAME_LENGTH', `${what} has ${text.length} characters, more than ${max}`)
}
