import type { FileHandle } from 'node:fs/promises'
import type { ByteFile } from '../mp4/movie.ts'
import { readFully } from '../read-fully.ts'
import { BlockCache } from './block-cache.ts'

let files = 0

/** An open file that many players read through one cache. */
export class SharedFile implements ByteFile {
  readonly size: number
  readonly #handle: FileHandle
  readonly #cache: BlockCache
  readonly #prefix: string

  /** @param size bytes; what is appended later does not count */
  constructor(handle: FileHandle, size: number, cache: BlockCache) {
    this.#handle = handle
    this.size = size
    this.#cache = cache
    files += 1
    this.#prefix = `${files} `
  }

  /** The bytes from `position` to the end of its block; none at the end of the file. Never write into them. */
  async rest(position: number): Promise<Buffer> {
    if (position >= this.size) return Buffer.alloc(0)
    const index = Math.floor(position / BlockCache.blockSize)
    const block = await this.#cache.get(this.#prefix + index, () => this.#load(index))
    return block.subarray(position - index * BlockCache.blockSize)
  }

  /** As many bytes as there are, up to `length`. Never write into them. */
  async read(position: number, length: number): Promise<Buffer> {
    const first = await this.rest(position)
    if (first.length >= length) return first.subarray(0, length)
    const parts = [first]
    for (let filled = first.length; filled < length; ) {
      const next = await this.rest(position + filled)
      if (next.length === 0) break
      parts.push(next.subarray(0, length - filled))
      filled += next.length
    }
    return Buffer.concat(parts)
  }

  /** Reads without the cache, for bytes that are needed only once; the caller may change them. */
  peek(position: number, length: number): Promise<Buffer> {
    return readFully(this.#handle, position, Math.min(length, this.size - position))
  }

  async close(): Promise<void> {
    this.#cache.forget(this.#prefix)
    await this.#handle.close()
  }

  #load(index: number): Promise<Buffer> {
    return this.peek(index * BlockCache.blockSize, BlockCache.blockSize)
  }
}
