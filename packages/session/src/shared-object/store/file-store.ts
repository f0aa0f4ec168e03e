import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { streamKey } from '../../protocol/stream-key.ts'
import { type SharedObjectStore, SharedObjectStoreError } from './store.ts'

/** Where the files are, and how many there may be. */
export interface FileSharedObjectStoreOptions {
  /** Made when it does not exist. */
  readonly folder: string
  /** Files that are kept; default 10,000. */
  readonly maxObjects?: number
}

const extension = '.rtmpso'

/**
 * Keeps each persistent shared object in a file of its own. File names are hashes of application and name, so nothing a
 * client says is part of a path; a file is replaced at once, so a crash leaves the old one or the new one. One process
 * per folder.
 */
export class FileSharedObjectStore implements SharedObjectStore {
  readonly #folder: string
  readonly #maxObjects: number
  #opened: Promise<Set<string>> | undefined

  constructor({ folder, maxObjects = 10_000 }: FileSharedObjectStoreOptions) {
    this.#folder = folder
    this.#maxObjects = maxObjects
  }

  /** The file of an object, whether it exists or not. */
  pathOf(app: string, name: string): string {
    return join(this.#folder, fileName(app, name))
  }

  /** @throws the system's error, unless it is that there is none */
  async load(app: string, name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.pathOf(app, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** @throws the system's error, SharedObjectStoreError when there are too many */
  async save(app: string, name: string, bytes: Uint8Array): Promise<void> {
    const files = await this.#files()
    const file = fileName(app, name)
    const isNew = !files.has(file)
    if (isNew && files.size >= this.#maxObjects) {
      throw new SharedObjectStoreError(`there are ${this.#maxObjects} files in the store already`)
    }
    files.add(file)
    const path = join(this.#folder, file)
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
    try {
      await writeThrough(temporary, bytes)
      await rename(temporary, path)
    } catch (error) {
      if (isNew) files.delete(file)
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
  }

  async delete(app: string, name: string): Promise<void> {
    await rm(this.pathOf(app, name), { force: true })
    const files = await this.#files()
    files.delete(fileName(app, name))
  }

  /** The names of the files there are. */
  #files(): Promise<Set<string>> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #open(): Promise<Set<string>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const names = await readdir(this.#folder)
    return new Set(names.filter(name => name.endsWith(extension)))
  }
}

function fileName(app: string, name: string): string {
  return (
    createHash('sha256')
      .update(streamKey({ app, streamName: name }))
      .digest('hex') + extension
  )
}

/** On the disk, not just on its way there. */
async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
