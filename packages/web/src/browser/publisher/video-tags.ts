import { decoderConfigIn, videoBody, VideoPacketType } from '@rtmpipe/flv'
import type { PublishedVideo } from './codecs.ts'

/** What an encoder has made of a picture. */
export interface CodedPicture {
  readonly isKeyframe: boolean
  readonly data: Buffer
  /** The decoder configuration, when the encoder gives a new one. */
  readonly description?: Buffer | undefined
}

/**
 * Bodies of video messages: a header where decoders need one, then the picture. H.264 is sent in its legacy form, which
 * all programs read; VP9 and AV1 have none.
 */
export class VideoTags {
  readonly #codec: PublishedVideo
  #header: Buffer | undefined
  #isHeaderSent = false

  constructor(codec: PublishedVideo) {
    this.#codec = codec
  }

  /** A new listener: the header goes before the next keyframe again. */
  startAgain(): void {
    this.#isHeaderSent = false
  }

  of({ isKeyframe, data, description }: CodedPicture): Buffer[] {
    // AVC is described by the encoder; the others describe themselves, some encoders' descriptions are none.
    const header = this.#codec === 'avc1' ? description : isKeyframe ? decoderConfigIn(this.#codec, data) : undefined
    if (header !== undefined && !this.#header?.equals(header)) {
      this.#header = header
      this.#isHeaderSent = false
    }
    const picture = videoBody(this.#codec, isKeyframe, VideoPacketType.CodedFrames, data)
    if (this.#isHeaderSent || !isKeyframe || this.#header === undefined) return [picture]
    this.#isHeaderSent = true
    return [videoBody(this.#codec, true, VideoPacketType.SequenceStart, this.#header), picture]
  }
}
