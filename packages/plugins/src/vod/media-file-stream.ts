import type { PrivateSource, RtmpMessage } from '@rtmpipe/session'
import { Readable } from 'readable-stream'
import type { MediaFile, Start } from './media-file.ts'

/** One player's way through a file. */
export class MediaFileStream extends Readable {
  readonly #mediaFile: MediaFile
  readonly #release: () => void
  #messages: AsyncGenerator<RtmpMessage, void>
  #isReading = false
  #isSought = false

  /**
   * @param isExcerpt time begins with 0 where playing begins, as clients that ask for a start expect it; after a seek
   *   it is that of the file
   * @param release called once, when it is over
   */
  constructor(mediaFile: MediaFile, start: Start, isExcerpt: boolean, release: () => void) {
    // Little is read ahead, because a seek makes it useless.
    super({ objectMode: true, highWaterMark: 1 })
    this.#mediaFile = mediaFile
    this.#release = release
    this.#messages = withMetadata(mediaFile, start, isExcerpt ? start.timestamp : 0)
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

async function* withMetadata(mediaFile: MediaFile, start: Start, zero: number): AsyncGenerator<RtmpMessage, void> {
  yield { ...mediaFile.metadata, timestamp: start.timestamp - zero }
  for await (const message of mediaFile.read(start)) {
    yield zero === 0 ? message : { ...message, timestamp: Math.max(0, message.timestamp - zero) }
  }
}
