import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/**
 * The FLV file below a folder that was written last, of those whose path without extension matches. Undefined if there
 * is none.
 */
export async function newestFlv(dir: string, pattern: RegExp): Promise<string | undefined> {
  let newest: { readonly path: string; readonly time: number } | undefined
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(dir, path).split(sep).join('/')
    if (!entry.isFile() || !name.endsWith('.flv') || !pattern.test(name.slice(0, -'.flv'.length))) continue
    const { mtimeMs } = await stat(path)
    if (newest === undefined || mtimeMs > newest.time || (mtimeMs === newest.time && path > newest.path))
      newest = { path, time: mtimeMs }
  }
  return newest?.path
}
