/** What a path names. */
export interface StreamPath {
  /** Application, with its instance: what stands before the first slash. */
  readonly app: string
  /** Name of the stream, which may have slashes. */
  readonly name: string
}

interface Streams {
  get(app: string, name: string): { readonly isLive: boolean } | undefined
}

/**
 * The stream that a path means. Publishers split a URL of several slashes in different places into application and name: the
 * split that somebody publishes is taken, else the first slash.
 *
 * @param path as for {@link streamPath}
 */
export function streamAt(path: string, streams: Streams): StreamPath | undefined {
  const first = streamPath(path)
  if (first === undefined) return undefined
  const parts = [first.app, ...first.name.split('/')]
  for (let at = 1; at < parts.length; at += 1) {
    const split = { app: parts.slice(0, at).join('/'), name: parts.slice(at).join('/') }
    if (streams.get(split.app, split.name)?.isLive === true) return split
  }
  return first
}

/**
 * The stream that a path names, which is as in RTMP's URLs: the application, a slash, the name. Undefined for what names none:
 * what can't be decoded, has empty parts, control characters, backslashes, or `.` and `..`.
 *
 * @param path of the request without its query and what follows the name: `/live/stream`, as it came
 */
export function streamPath(path: string): StreamPath | undefined {
  const decoded = decode(path)
  if (decoded === undefined || !decoded.startsWith('/')) return undefined
  const parts = decoded.slice(1).split('/')
  if (parts.length < 2 || parts.some(part => !isName(part))) return undefined
  const [app = '', ...names] = parts
  return { app, name: names.join('/') }
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function isName(part: string): boolean {
  // A `?` would begin a query where RTMP's names are taken apart, a `#` too.
  return part.trim() !== '' && part !== '.' && part !== '..' && !/[\p{Cc}\\?#]/u.test(part)
}
