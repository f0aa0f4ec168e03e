import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { dataKey } from '../../protocol/data-header.ts'
import { maxCachedTracks } from '../../protocol/message-tracks.ts'

/** Bytes of all of them that are kept. */
const maxBytes = 64 * 1024

/**
 * The newest data message of each name that late players need beside the metadata: what publishers ask the server to
 * keep (`@setDataFrame`), and headers of tracks that come as data. What would cross a limit is not kept.
 */
export class DataHeaders {
  readonly #messages = new Map<string, RtmpMessage>()
  /** Names that a publisher has asked to keep. */
  readonly #wanted = new Set<string>()

  get messages(): readonly RtmpMessage[] {
    return [...this.#messages.values()]
  }

  /** Keeps messages of that name from here on. */
  want(name: string): void {
    if (this.#wanted.size < maxCachedTracks) this.#wanted.add(name)
  }

  /** True if the publisher has asked to keep it. */
  wants({ payload }: RtmpMessage): boolean {
    return this.#wanted.size > 0 && this.#wanted.has(dataKey(payload))
  }

  add(message: RtmpMessage): void {
    const key = dataKey(message.payload)
    this.#messages.delete(key)
    if (this.#messages.size < maxCachedTracks) this.#messages.set(key, message)
    let bytes = 0
    for (const { payload } of this.#messages.values()) bytes += payload.length
    if (bytes > maxBytes) this.#messages.delete(key)
  }

  /** Forgets the message of that name. */
  forget(name: string): void {
    this.#wanted.delete(name)
    this.#messages.delete(name)
  }

  clear(): void {
    this.#messages.clear()
    this.#wanted.clear()
  }
}
