import type { FileHandle } from 'node:fs/promises'
import type { FlvSource } from '@rtmpipe/flv'
import type { ByteFile } from '../mp4/movie.ts'
import { readFully } from '../read-fully.ts'

const windowSize = 256 * 1024

/** Reads a file mostly forward, in large pieces. */
export class FileWindow implements FlvSource, ByteFile {
  readonly size: number
  readonly #handle: FileHandle
  #bytes: Buffer = Buffer.alloc(0)
  #position = 0

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.size = size
  }

  /** @param end bytes of the file that count; default all of it */
  static async of(handle: FileHandle, end: number = Infinity): Promise<FileWindow> {
    return new FileWindow(handle, Math.min(end, (await handle.stat()).size))
  }

  async rest(position: number): Promise<Buffer> {
    const start = position - this.#position
    if (start < 0 || start >= this.#bytes.length) {
      this.#bytes = await this.peek(position, windowSize)
      this.#position = position
    }
    return this.#bytes.subarray(position - this.#position)
  }

  async read(position: number, length: number): Promise<Buffer> {
    const rest = await this.rest(position)
    if (rest.length >= length) return rest.subarray(0, length)
    return this.peek(position, length)
  }

  peek(position: number, length: number): Promise<Buffer> {
    return readFully(this.#handle, position, Math.min(length, this.size - position))
  }
}
