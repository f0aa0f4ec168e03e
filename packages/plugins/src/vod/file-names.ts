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

// Refused names: hidden files, parents, empty names, and names that Windows takes for a stream, a device, or drops.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f\\:*?"<>|]|(^|\/)(\.|\/|$)|[. ](\/|$)/

/**
 * The files that a name may mean, the most likely first, as paths inside the folder: clients leave out `.flv`, and put
 * `mp4:` before the name, with or without its extension. Empty for names that could lead out of the folder.
 */
export function fileNames({ folder, filePrefix, fileName }: StreamTarget): readonly string[] {
  const path = folder === '' ? fileName : `${folder}/${fileName}`
  if (unsafe.test(path)) return []
  const extensions = [...kinds.keys()].filter(extension => filePrefix === '' || kinds.get(extension) === filePrefix)
  const completed = extensions.map(extension => path + extension)
  return fileKind(path) === undefined ? completed : [path, ...completed]
}

/** Undefined for what is not played. */
export function fileKind(path: string): FileKind | undefined {
  return kinds.get(/\.[a-z0-9]+$/.exec(path)?.[0] ?? '')
}
