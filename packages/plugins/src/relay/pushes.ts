import { type StreamKey, streamKey } from '@rtmpipe/session'
import type { Push } from './push.ts'

/** Pushes by their stream, and then by the URL that they go to. */
export class Pushes implements Iterable<Push> {
  readonly #byStream = new Map<string, Map<string, Push>>()

  get size(): number {
    return [...this.#byStream.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Those of a stream. */
  of(stream: StreamKey): readonly Push[] {
    return [...(this.#byStream.get(streamKey(stream))?.values() ?? [])]
  }

  get(stream: StreamKey, url: string): Push | undefined {
    return this.#byStream.get(streamKey(stream))?.get(url)
  }

  has(push: Push): boolean {
    const { status } = push
    return this.get(status, status.url) === push
  }

  add(push: Push): void {
    const { status } = push
    const key = streamKey(status)
    const pushes = this.#byStream.get(key) ?? new Map<string, Push>()
    this.#byStream.set(key, pushes.set(status.url, push))
  }

  delete(push: Push): void {
    if (!this.has(push)) return
    const { status } = push
    const key = streamKey(status)
    const pushes = this.#byStream.get(key)
    pushes?.delete(status.url)
    if (pushes?.size === 0) this.#byStream.delete(key)
  }

  *[Symbol.iterator](): IterableIterator<Push> {
    for (const pushes of this.#byStream.values()) yield* pushes.values()
  }
}
