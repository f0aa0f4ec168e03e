import { TagType } from '@rtmpipe/flv'
import type { Mp4Description, Mp4Place, Mp4Sample, Mp4Track } from '../mp4/movie.ts'
import { type Encoding, encodingOf } from './encoding.ts'
import { VodError } from './errors.ts'
import type { SharedFile } from './shared-file.ts'

/** Where to begin in a track. */
export interface TrackStart {
  /** Undefined for the beginning. */
  readonly place: Mp4Place | undefined
  /** Seconds; samples that are decoded before are left out. */
  readonly time: number
}

/** A sample that becomes a message. */
export interface Mp4Frame {
  readonly messageTypeId: number
  /** Seconds, when it is decoded. */
  readonly time: number
  /** Seconds. */
  readonly compositionOffset: number
  readonly encoding: Encoding
  readonly sample: Mp4Sample
}

/** FLV and RTMP have 24 bits for the size of a message, some bytes of which are its head. */
const maxSize = 0xff_ff00

/** A track that is played, and how its samples are written in RTMP. */
export class PlayedTrack {
  readonly track: Mp4Track
  /** Of its samples, the first description that they have. */
  readonly description: Mp4Description
  /** Encoding of that. */
  readonly encoding: Encoding
  readonly #file: SharedFile
  readonly #encodings: readonly (Encoding | undefined)[]

  private constructor(track: Mp4Track, file: SharedFile, description: Mp4Description, encoding: Encoding) {
    this.track = track
    this.description = description
    this.encoding = encoding
    this.#file = file
    // Once for each, because another one means another sequence header.
    this.#encodings = track.descriptions.map(one => (one === description ? encoding : encodingOf(one)))
  }

  /** The first track that RTMP has a place for, from its beginning to its end. */
  static firstOf(tracks: readonly Mp4Track[], file: SharedFile): PlayedTrack | undefined {
    for (const track of tracks) {
      const used = track.used.map(place => track.descriptions[place])
      const [first] = used
      const encoding = first && encodingOf(first)
      const isWhole = used.every(one => one !== undefined && encodingOf(one) !== undefined)
      if (encoding !== undefined && isWhole) return new PlayedTrack(track, file, first as Mp4Description, encoding)
    }
    return undefined
  }

  /** In order of decoding, and never shown before that. @throws VodError, whatever the disk throws */
  async *frames({ place, time: from }: TrackStart): AsyncGenerator<Mp4Frame, void> {
    const messageTypeId = this.track.kind === 'video' ? TagType.Video : TagType.Audio
    let latest = -Infinity
    for await (const sample of this.track.samples(place)) {
      const encoding = this.#encodings[sample.description]
      if (encoding === undefined) throw new VodError('RTMP_ERR_VOD_CODEC', 'it goes on in what RTMP has no place for')
      if (sample.decodeTime < from) continue
      const shown = sample.decodeTime + sample.compositionOffset
      latest = Math.max(latest, Math.min(sample.decodeTime, shown))
      // What a later part of an edit list needs from before it is late: it is shown at once.
      yield { messageTypeId, time: latest, compositionOffset: Math.max(0, shown - latest), encoding, sample }
    }
  }

  /** @throws VodError, whatever the disk throws */
  async dataOf({ position, size }: Mp4Sample): Promise<Buffer> {
    if (size > maxSize) throw new VodError('RTMP_ERR_VOD_FILE', `a frame of ${size} bytes`)
    const bytes = await this.#file.read(position, size)
    if (bytes.length < size) throw new VodError('RTMP_ERR_VOD_FILE', 'it was cut while it was played')
    return bytes
  }
}
