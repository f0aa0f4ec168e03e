import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileKind, type FileKind } from './file-names.ts'

/** A file inside the folder, as it is now. */
export interface FoundFile {
  /** Without symbolic links. */
  readonly path: string
  readonly kind: FileKind
  /** Differs when the file has been replaced or changed. */
  readonly version: string
}

/** The folder that is served. No name finds a file outside of it. */
export class Folder {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** The first of these that is there. */
  async find(names: readonly string[]): Promise<FoundFile | undefined> {
    for (const name of names) {
      const found = await this.#look(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Opens a file that was found. Undefined when something else is in its place by now. */
  async open({ path, version }: FoundFile): Promise<{ handle: FileHandle; size: number } | undefined> {
    // If a link or a pipe has taken its place, it must not be followed or waited for.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const stats = await handle.stat({ bigint: true }).catch(() => undefined)
    if (stats?.isFile() === true && versionOf(stats) === version) return { handle, size: Number(stats.size) }
    await handle.close()
    return undefined
  }

  async #look(name: string): Promise<FoundFile | undefined> {
    const root = await realpath(this.#dir)
    const wanted = join(root, name)
    const path = await unlessMissing(realpath(wanted))
    if (path === undefined) return undefined
    const inside = relative(root, path)
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || join(root, inside) !== path)
      return undefined
    // On file systems that ignore case, rules about names could be avoided by another spelling.
    if (path !== wanted && path.toLowerCase() === wanted.toLowerCase()) return undefined
    // A link may lead to a file that must not be played.
    const kind = fileKind(path)
    const stats = kind && (await unlessMissing(stat(path, { bigint: true })))
    if (kind === undefined || stats === undefined || !stats.isFile()) return undefined
    return { path, kind, version: versionOf(stats) }
  }
}

function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs}`
}

const missing = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'])

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (missing.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
