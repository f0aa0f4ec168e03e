/**
 * Blocks of files, shared by all players: each is read once while it is cached, and the one that was unused longest is
 * dropped first.
 */
export class BlockCache {
  /** Bytes of a block; the last of a file is shorter. */
  static readonly blockSize: number = 128 * 1024
  readonly #maxBlocks: number
  readonly #blocks = new Map<string, Promise<Buffer>>()

  constructor(maxBytes: number) {
    this.#maxBlocks = Math.max(1, Math.floor(maxBytes / BlockCache.blockSize))
  }

  /** Blocks held, those included that are being read. */
  get size(): number {
    return this.#blocks.size
  }

  /** The block, read by `read` if it is not here. Never write into it. */
  get(key: string, read: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#blocks.get(key)
    if (known !== undefined) {
      this.#blocks.delete(key)
      this.#blocks.set(key, known)
      return known
    }
    const block = read()
    this.#blocks.set(key, block)
    block.catch(() => {
      if (this.#blocks.get(key) === block) this.#blocks.delete(key)
    })
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#maxBlocks) break
      this.#blocks.delete(oldest)
    }
    return block
  }

  /** Lets go of every block whose key begins so. */
  forget(prefix: string): void {
    for (const key of this.#blocks.keys()) if (key.startsWith(prefix)) this.#blocks.delete(key)
  }
}
