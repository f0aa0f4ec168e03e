import { isHarmful } from './harmful-name.ts'
import { parseQuery } from './parse-query.ts'

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

/** A name that is not taken. */
export interface BadName {
  /** What is wrong with it, in words for whoever gave it. */
  readonly fault: string
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
 * Application of a `connect`. Clients put a query after `app`, after `tcUrl` or both; some leave `app` out. Blanks and
 * line ends around it come from pasting, and are no part of it.
 */
export function appTarget(app: string, tcUrl: string): AppTarget | BadName {
  const [tcPath, tcQuery] = splitQuery(tcUrl)
  const [appPath, appQuery] = splitQuery(app === '' ? tcPath.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') : app)
  const fault = faultOfLengths('application', appPath, tcQuery, appQuery)
  if (fault !== undefined) return { fault }
  const trimmed = trimSlashes(trimSlashes(appPath).replace(/(^|\/)_definst_$/, ''))
  if (isHarmful(trimmed)) return { fault: forbidden('application') }
  return { ...appName(trimmed), query: mergeQueries(parseQuery(tcQuery), appQuery) }
}

/** True of an answer that tells what is wrong with a name. */
export function isBadName(target: object): target is BadName {
  return 'fault' in target
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
 * platforms' keys are a query and nothing else, the query itself is the name, `?` included. Blanks and line ends around
 * the name are no part of it.
 */
export function streamTarget(target: AppTarget, name: string): StreamTarget | BadName {
  const [namePath, nameQuery] = splitQuery(name)
  const fault = faultOfLengths('stream name', namePath, nameQuery)
  if (fault !== undefined) return { fault }
  if (isHarmful(namePath)) return { fault: forbidden('stream name') }
  const query = mergeQueries(new URLSearchParams(target.query), nameQuery)
  const queries = { query, rawQuery: nameQuery }
  if (namePath !== '') return { app: target.app, instance: target.instance, ...queries, ...parseStreamName(namePath) }
  const slash = target.app.lastIndexOf('/')
  if (slash >= 0)
    return {
      ...appName(target.app.slice(0, slash).trim()),
      ...queries,
      ...parseStreamName(target.app.slice(slash + 1).trim()),
    }
  if (nameQuery === '' || !name.trimStart().startsWith('?'))
    return { fault: 'the stream key is missing: the URL should end in it, like rtmp://host/live/KEY' }
  const whole = `?${nameQuery}`
  const wholeFault = faultOfLengths('stream name', whole)
  if (wholeFault !== undefined) return { fault: wholeFault }
  if (isHarmful(whole)) return { fault: forbidden('stream name') }
  return { app: target.app, instance: target.instance, ...queries, ...parseStreamName(whole) }
}

/** A stream's name as a client writes it. */
export function withQuery(streamName: string, rawQuery: string): string {
  return rawQuery === '' ? streamName : `${streamName}?${rawQuery}`
}

function splitQuery(text: string): [path: string, query: string] {
  const trimmed = text.trim()
  const at = trimmed.search(/[?#]/)
  return at < 0 ? [trimmed, ''] : [trimmed.slice(0, at).trim(), trimmed.slice(at + 1)]
}

function mergeQueries(into: URLSearchParams, query: string): URLSearchParams {
  if (query !== '') for (const [key, value] of parseQuery(query)) into.set(key, value)
  return into
}

/** Blanks among the slashes go too. */
function trimSlashes(path: string): string {
  return path.replace(/^[\s/]+|[\s/]+$/g, '')
}

/** Looked at first, because patterns and queries take more than linear time. */
function faultOfLengths(what: string, path: string, ...queries: readonly string[]): string | undefined {
  if (path.length > maxNameLength) return tooLong(`the ${what}`, path.length, maxNameLength)
  const query = queries.find(({ length }) => length > maxQueryLength)
  return query && tooLong(`what stands behind ? in the ${what}`, query.length, maxQueryLength)
}

function tooLong(what: string, length: number, most: number): string {
  return `${what} has ${length} characters, more than ${most}`
}

function forbidden(what: string): string {
  return `the ${what} has something in it that is not allowed: a control character, a backslash, or . or .. alone between slashes`
}
