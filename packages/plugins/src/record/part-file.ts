import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, exists, moveTo, publishPart } from './move-file.ts'
import { numberedName, partOf } from './part-name.ts'

/** Bytes that may wait to be written together. */
const batchSize = 64 * 1024

/** Files that this process is writing, which must not be repaired. */
export const writing: Set<string> = new Set()

/**
 * A file that is not complete yet, called `NAME.EXT.PID.part`. After a crash, the process id tells whether a process is
 * still writing it.
 */
export class PartFile {
  readonly path: string
  /** Its name when it is complete. */
  readonly name: string
  readonly #handle: FileHandle
  #pending: Uint8Array[] = []
  #pendingSize = 0
  #written: number
  #isOpen = true

  private constructor(handle: FileHandle, path: string, name: string, written: number) {
    this.#handle = handle
    this.path = path
    this.name = name
    this.#written = written
  }

  /** Makes a new file, and its folders. A name that is taken gets a number. */
  static async create(name: string): Promise<PartFile> {
    await mkdir(dirname(name), { recursive: true })
    for (let attempt = 1; ; attempt += 1) {
      const numbered = numberedName(name, attempt)
      const path = partOf(numbered)
      if (writing.has(path)) continue
      writing.add(path)
      try {
        if (!(await exists(numbered))) return new PartFile(await open(path, 'wx+'), path, numbered, 0)
      } catch (error) {
        writing.delete(path)
        if (codeOf(error) !== 'EEXIST') throw error
      }
      writing.delete(path)
    }
  }

  /** Opens a complete file to write on. */
  static async reopen(name: string): Promise<PartFile> {
    const path = partOf(name)
    if (writing.has(path)) throw Object.assign(new Error(`${name} is being written`), { code: 'EBUSY' })
    writing.add(path)
    try {
      await moveTo(name, path)
      const handle = await open(path, 'r+')
      return new PartFile(handle, path, name, (await handle.stat()).size)
    } catch (error) {
      writing.delete(path)
      throw error
    }
  }

  /** Bytes, including those that wait to be written. */
  get size(): number {
    return this.#written + this.#pendingSize
  }

  get handle(): FileHandle {
    return this.#handle
  }

  /** True when it is time for {@link flush}. */
  get isFull(): boolean {
    return this.#pendingSize >= batchSize
  }

  append(bytes: Uint8Array): void {
    this.#pending.push(bytes)
    this.#pendingSize += bytes.length
  }

  async flush(): Promise<void> {
    if (this.#pendingSize === 0) return
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Uint8Array) : Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingSize = 0
    await this.patch(this.#written, bytes)
    this.#written += bytes.length
  }

  /** Writes over what was written. */
  async patch(position: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    }
  }

  /** What comes next is written behind so many bytes, which the file has. */
  beginAt(size: number): void {
    this.#written = size
  }

  /**
   * Writes waiting bytes, makes sure that they are on the disk, and gives the file its name. Resolves with the name.
   */
  async finish(): Promise<string> {
    await this.flush()
    await this.#handle.sync()
    await this.close()
    return publishPart(this.path, this.name)
  }

  /** Closes the file and leaves it as it is. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    writing.delete(this.path)
    await this.#handle.close()
  }

  async remove(): Promise<void> {
    await this.close()
    await unlink(this.path)
  }
}
