import { AudioFourCc, AudioPacketType, encodeAudioTag, SoundFormat } from '@rtmpipe/flv'
import type { PublishedAudio } from './codecs.ts'

/** Bodies of audio messages: a header where decoders need one, then the sound. AAC in its legacy form, Opus has none. */
export class AudioTags {
  readonly #codec: PublishedAudio
  #header: Buffer | undefined
  #isHeaderSent = false

  constructor(codec: PublishedAudio) {
    this.#codec = codec
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
    const sound = this.#tag(AudioPacketType.CodedFrames, data)
    if (this.#isHeaderSent || this.#header === undefined) return [sound]
    this.#isHeaderSent = true
    return [this.#tag(AudioPacketType.SequenceStart, this.#header), sound]
  }

  #tag(packetType: AudioPacketType, data: Buffer): Buffer {
    if (this.#codec === 'mp4a') {
      const form = { soundFormat: SoundFormat.Aac, soundRate: 3, soundSize: 1, soundType: 1 }
      return encodeAudioTag({ kind: 'legacy', ...form, packetType, data })
    }
    const tracks = [{ trackId: 0, fourCc: AudioFourCc.Opus, data }]
    return encodeAudioTag({ kind: 'enhanced', modEx: [], packetType, multitrackType: undefined, tracks })
  }
}
