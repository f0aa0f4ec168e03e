import { percentDecoded } from '@rtmpipe/session'
import type { StreamTarget } from './target.ts'

/** The kind of a file, by its extension. */
export type FileKind = 'flv' | 'mp4'

const kinds: ReadonlyMap<string, FileKind> = new Map([
  ['.flv', 'flv'],
  ['.mp4', 'mp4'],
  ['.m4v', 'mp4'],
  ['.f4v', 'mp4'],
  ['.mov', 'mp4'],
  ['.m4a', 'mp4'],
])

// Refused names: hidden files, parents, empty names, and what could be read otherwise somewhere.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f\\]|(^|\/)(\.|\/|$)|[. ](\/|$)/
/** What Windows takes for a stream, a device or a pattern; elsewhere these are characters like others. */
const unsafeOnWindows = /[:*?"<>|]/

/**
 * The files that a name may mean, the most likely first, as paths inside the folder: clients leave out `.flv`, put `mp4:`
 * before the name, with or without its extension, and write percent signs for what URLs can't have. Some decode those before
 * they send a name, so that part of it looks like a query. Empty for names that could lead out of the folder.
 */
export function fileNames(
  { folder, filePrefix, fileName, rawQuery }: StreamTarget,
  isWindows: boolean = process.platform === 'win32',
): readonly string[] {
  const path = folder === '' ? fileName : `${folder}/${fileName}`
  const queries = rawQuery === '' ? [''] : ['', `?${rawQuery}`, `#${rawQuery}`]
  const paths = queries.flatMap(query => [path + query, withoutEscapes(path + query)])
  const extensions = [...kinds.keys()].filter(extension => filePrefix === '' || kinds.get(extension) === filePrefix)
  return [...new Set(paths)]
    .filter(one => !unsafe.test(one) && !(isWindows && unsafeOnWindows.test(one)))
    .flatMap(one => [...(fileKind(one) === undefined ? [] : [one]), ...extensions.map(extension => one + extension)])
}

/** Characters that nobody has to encode in a path. */
const plain = /[\w.~/-]/

/**
 * Percent-encoding (RFC 3986 §2.1) decoded once; bytes that are no UTF-8 are read as in names that are sent. What has no need of it stays as it is, above all slashes and dots: rules of
 * other plugins about names could be avoided by another spelling.
 */
function withoutEscapes(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, run => {
    const text = percentDecoded(run)
    return plain.test(text) ? run : text
  })
}

/** Undefined for what is not played. */
export function fileKind(path: string): FileKind | undefined {
  return kinds.get(/\.[a-z0-9]+$/.exec(path)?.[0] ?? '')
}
