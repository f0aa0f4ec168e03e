import { BlockCache } from './block-cache.ts'
import { VodError } from './errors.ts'
import { FlvFile } from './flv-file.ts'
import type { Folder, FoundFile } from './folder.ts'
import { Mp4File } from './mp4-file.ts'
import { maxIdleFiles } from './options.ts'
import type { MediaFile } from './media-file.ts'
import { SharedFile } from './shared-file.ts'

/** A file, open until it is released. */
export interface Lease {
  readonly mediaFile: MediaFile
  /** Further calls do nothing. */
  release(): void
}

interface Entry {
  readonly version: string
  readonly opened: Promise<MediaFile>
  users: number
}

/** The files that are open: each is opened once for all its players, and a few stay open when the last has left. */
export class Shelf {
  readonly #folder: Folder
  readonly #cache: BlockCache
  /** Entries by path; the one that was used last is at the end. */
  readonly #entries = new Map<string, Entry>()

  constructor(folder: Folder, cacheSize: number) {
    this.#folder = folder
    this.#cache = new BlockCache(cacheSize)
  }

  /** @throws VodError, whatever the disk throws */
  async lease(file: FoundFile): Promise<Lease> {
    const entry = this.#entry(file)
    entry.users += 1
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      entry.users -= 1
      this.#tidy(file.path, entry)
    }
    try {
      return { mediaFile: await entry.opened, release }
    } catch (error) {
      if (this.#entries.get(file.path) === entry) this.#entries.delete(file.path)
      throw error
    }
  }

  /** Recordings that are played stay open until they are released. */
  async close(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0)
    this.#entries.clear()
    await Promise.all(idle.map(([, entry]) => closed(entry)))
  }

  #entry(file: FoundFile): Entry {
    const known = this.#entries.get(file.path)
    this.#entries.delete(file.path)
    if (known?.version === file.version) {
      this.#entries.set(file.path, known)
      return known
    }
    // Another file has its name now: the old recording is closed here, or by its last player.
    if (known?.users === 0) void closed(known)
    const entry: Entry = { version: file.version, opened: this.#open(file), users: 0 }
    this.#entries.set(file.path, entry)
    return entry
  }

  async #open(found: FoundFile): Promise<MediaFile> {
    const opened = await this.#folder.open(found)
    if (opened === undefined) throw new VodError('RTMP_ERR_VOD_FILE', `${found.path} was replaced just now`)
    const file = new SharedFile(opened.handle, opened.size, this.#cache)
    try {
      return await (found.kind === 'flv' ? FlvFile.open(file) : Mp4File.open(file))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  #tidy(path: string, entry: Entry): void {
    if (entry.users > 0) return
    if (this.#entries.get(path) !== entry) return void closed(entry)
    const idle = [...this.#entries].filter(([, { users }]) => users === 0)
    for (const [oldest, one] of idle.slice(0, Math.max(0, idle.length - maxIdleFiles))) {
      this.#entries.delete(oldest)
      void closed(one)
    }
  }
}

/** An error on closing does not matter: the file was only read. */
async function closed({ opened }: Entry): Promise<void> {
  await opened.then(mediaFile => mediaFile.close()).catch(() => {})
}
