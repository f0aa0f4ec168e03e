import type { MediaMessage } from '@rtmpipe/flv'
import { PictureDecoder } from './picture-decoder.ts'
import type { Post } from './protocol.ts'
import { SampleReader } from './sample-reader.ts'
import { SoundDecoder } from './sound-decoder.ts'

/** Milliseconds between two counts. */
const countEvery = 500

/** From messages to pictures and sound, the same in a worker and in a page. */
export class Pipeline {
  readonly #post: Post
  readonly #reader = new SampleReader()
  readonly #pictures: PictureDecoder
  readonly #sound: SoundDecoder
  #counted = 0

  constructor(post: Post) {
    this.#post = post
    this.#pictures = new PictureDecoder(post)
    this.#sound = new SoundDecoder(post)
  }

  /** Where decoded sound of that rate goes. */
  listen(port: MessagePort | undefined, sampleRate = 0): void {
    this.#sound.listen(port, sampleRate)
  }

  /** What comes is from another connection. */
  cut(): void {
    this.#reader.cut()
  }

  /** Resolves when the decoders have the message; it is to be awaited before the next one. */
  async take(message: MediaMessage): Promise<void> {
    const sample = this.#reader.read(message)
    if (sample === undefined) return
    if (sample.kind === 'audio') return this.#sound.take(sample)
    if (sample.isCut) this.#post({ type: 'cut' })
    await this.#pictures.take(sample)
    const now = performance.now()
    if (now - this.#counted < countEvery) return
    this.#counted = now
    const { decoded, dropped } = this.#pictures
    this.#post({ type: 'counts', decoded, dropped })
  }

  close(): void {
    this.#pictures.close()
    this.#sound.close()
  }
}
