import { AudioFourCc, audioBody, AudioPacketType } from '@rtmpipe/flv'
import type { PublishedAudio } from './codecs.ts'

/** Bodies of audio messages: a header where decoders need one, then the sound. AAC in its legacy form, Opus has none. */
export class AudioTags {
  readonly #fourCc: string
  #header: Buffer | undefined
  #isHeaderSent = false

  constructor(codec: PublishedAudio) {
    this.#fourCc = codec === 'opus' ? AudioFourCc.Opus : codec
  }

  /** A new listener: the header goes before the next sound again. */
  startAgain(): void {
    this.#isHeaderSent = false
  }

  /** @param description the decoder configuration, when the encoder gives a new one */
  of(data: Buffer, description?: Buffer): Buffer[] {
    if (description !== undefined && !this.#header?.equals(description)) {
      this.#header = description
      this.#isHeaderSent = false
    }
    const sound = audioBody(this.#fourCc, AudioPacketType.CodedFrames, data)
    if (this.#isHeaderSent || this.#header === undefined) return [sound]
    this.#isHeaderSent = true
    return [audioBody(this.#fourCc, AudioPacketType.SequenceStart, this.#header), sound]
  }
}
