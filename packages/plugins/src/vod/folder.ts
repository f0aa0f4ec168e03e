import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { parsePartName } from '../record/part-name.ts'
import { fileKind, type FileKind } from './file-names.ts'

/** A file inside the folder, as it is now. */
export interface FoundFile {
  /** Without symbolic links. */
  readonly path: string
  readonly kind: FileKind
  /** Differs when the file has been replaced or changed. */
  readonly version: string
  /** Which file it is, whatever is written to it. */
  readonly identity: string
  /** True of a recording that is under way. */
  readonly isGrowing: boolean
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
    for (const name of names) {
      const found = await this.#lookForPart(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Opens a file that was found. Undefined when something else is in its place by now. */
  async open({
    path,
    version,
    identity,
    isGrowing,
  }: FoundFile): Promise<{ handle: FileHandle; size: number } | undefined> {
    // If a link or a pipe has taken its place, it must not be followed or waited for.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const stats = await handle.stat({ bigint: true }).catch(() => undefined)
    const isSame = stats !== undefined && (isGrowing ? identityOf(stats) === identity : versionOf(stats) === version)
    if (stats?.isFile() === true && isSame) return { handle, size: Number(stats.size) }
    await handle.close()
    return undefined
  }

  /** A recorder gives a file its name when it is complete. */
  async #lookForPart(name: string): Promise<FoundFile | undefined> {
    if (fileKind(name) === undefined) return undefined
    const folder = dirname(name)
    const inside = await unlessMissing(readdir(join(await realpath(this.#dir), folder)))
    const part = inside?.find(one => parsePartName(one)?.name === basename(name))
    return part === undefined ? undefined : this.#look(join(folder, part), fileKind(name))
  }

  async #look(name: string, known?: FileKind): Promise<FoundFile | undefined> {
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
    const kind = known ?? fileKind(path)
    const stats = kind && (await unlessMissing(stat(path, { bigint: true })))
    if (kind === undefined || stats === undefined || !stats.isFile()) return undefined
    return { path, kind, version: versionOf(stats), identity: identityOf(stats), isGrowing: known !== undefined }
  }
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev} ${ino}`
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
