import type { StreamSample } from '../mp4/stream-samples.ts'
import type { TimedMessage } from './recording-writer.ts'

/** Bytes that may wait for the next file; what comes beyond them is lost. */
const maxBytes = 16 * 1024 * 1024
const maxMessages = 32_768

/** Frames that do not belong to a file any more, and wait for the next one to begin. */
export class Postponed {
  #entries: { readonly timed: TimedMessage; readonly tracks: readonly string[] }[] = []
  /** Tracks that can be decoded from what waits. */
  readonly #begun = new Set<string>()
  #bytes = 0

  get messages(): readonly TimedMessage[] {
    return this.#entries.map(({ timed }) => timed)
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Pictures that depend on one that is not among them are left out. */
  add(timed: TimedMessage, samples: readonly StreamSample[]): void {
    const { length } = timed.message.payload
    if (this.#bytes + length > maxBytes || this.#entries.length === maxMessages) return
    if (!samples.some(({ isKey, track }) => isKey || this.#begun.has(track))) return
    const tracks = samples.map(({ track }) => track)
    for (const track of tracks) this.#begun.add(track)
    this.#entries.push({ timed, tracks })
    this.#bytes += length
  }

  /** A new sequence header: what waits of this track does not belong to the next file either. */
  forget(track: string): void {
    if (!this.#begun.delete(track)) return
    this.#entries = this.#entries.filter(({ tracks }) => !tracks.includes(track))
    this.#bytes = this.#entries.reduce((sum, { timed }) => sum + timed.message.payload.length, 0)
  }
}
