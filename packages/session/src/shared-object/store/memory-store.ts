import { streamKey } from '../../protocol/stream-key.ts'
import { ByteBudget } from '../byte-budget.ts'
import { type SharedObjectStore, SharedObjectStoreError } from './store.ts'

/** How much it may hold. */
export interface MemorySharedObjectStoreOptions {
  /** Objects that are kept; default 1,000. */
  readonly maxObjects?: number
  /** Bytes of all of them; default 64 MiB. */
  readonly maxBytes?: number
}

/** Keeps persistent shared objects as long as the process lives. The default. */
export class MemorySharedObjectStore implements SharedObjectStore {
  readonly #maxObjects: number
  readonly #budget: ByteBudget
  readonly #objects = new Map<string, Uint8Array>()

  constructor({ maxObjects = 1_000, maxBytes = 64 * 1024 * 1024 }: MemorySharedObjectStoreOptions = {}) {
    this.#maxObjects = maxObjects
    this.#budget = new ByteBudget(maxBytes)
  }

  async load(app: string, name: string): Promise<Uint8Array | undefined> {
    return this.#objects.get(streamKey({ app, streamName: name }))
  }

  /** @throws SharedObjectStoreError when it is full */
  async save(app: string, name: string, bytes: Uint8Array): Promise<void> {
    const key = streamKey({ app, streamName: name })
    const old = this.#objects.get(key)
    const isFull = old === undefined && this.#objects.size >= this.#maxObjects
    if (isFull || !this.#budget.take(bytes.length - (old?.length ?? 0))) {
      throw new SharedObjectStoreError('the store is full')
    }
    this.#objects.set(key, bytes)
  }

  async delete(app: string, name: string): Promise<void> {
    const key = streamKey({ app, streamName: name })
    this.#budget.take(-(this.#objects.get(key)?.length ?? 0))
    this.#objects.delete(key)
  }
}
