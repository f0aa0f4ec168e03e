import type { PrivateSource, RtmpMessage } from '@rtmpipe/session'
import { Readable } from 'readable-stream'
import type { MediaFile } from './media-file.ts'

/** One player's way through a file. */
export class MediaFileStream extends Readable {
  readonly #mediaFile: MediaFile
  readonly #release: () => void
  #messages: AsyncGenerator<RtmpMessage, void>
  #isReading = false
  #isSought = false

  /**
   * @param wanted milliseconds; 0 for the beginning. Time begins with 0 where playing begins, as clients that ask for a
   *   start expect it; after a seek it is that of the file
   * @param release called once, when it is over
   */
  constructor(mediaFile: MediaFile, wanted: number, release: () => void) {
    // Little is read ahead, because a seek makes it useless.
    super({ objectMode: true, highWaterMark: 1 })
    this.#mediaFile = mediaFile
    this.#release = release
    this.#messages = begun(mediaFile, wanted)
  }

  /** For the session. */
  source(): PrivateSource {
    return { kind: 'private', messages: this, seek: timestamp => this.#seek(timestamp) }
  }

  override _read(): void {
    if (!this.#isReading) void this.#fill()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#leave()
    this.#release()
    done(error)
  }

  async #fill(): Promise<void> {
    this.#isReading = true
    try {
      while (!this.destroyed) {
        const messages = this.#messages
        const { value, done } = await messages.next()
        if (messages !== this.#messages) continue
        const marked = value && this.#isSought ? { ...value, discontinuity: true } : value
        this.#isSought = false
        if (this.destroyed || !this.push(done === true ? null : marked) || done === true) break
      }
    } catch (error) {
      this.destroy(error as Error)
    } finally {
      this.#isReading = false
    }
  }

  async #seek(timestamp: number): Promise<number> {
    const start = await this.#mediaFile.find(timestamp)
    if (this.destroyed) throw new Error('the play has ended')
    this.#leave()
    this.#messages = this.#mediaFile.read(start)
    this.#isSought = true
    return start.timestamp
  }

  #leave(): void {
    // The pending read may still end or fail; its result is not needed any more.
    this.#messages.return().catch(() => {})
  }
}

/** The place is looked for here, because that takes its time in a long file, and a play has to be answered soon. */
async function* begun(mediaFile: MediaFile, wanted: number): AsyncGenerator<RtmpMessage, void> {
  const start = await mediaFile.find(wanted)
  yield { ...mediaFile.metadata, timestamp: 0 }
  for await (const message of mediaFile.read(start)) {
    yield { ...message, timestamp: Math.max(0, message.timestamp - start.timestamp) }
  }
}
