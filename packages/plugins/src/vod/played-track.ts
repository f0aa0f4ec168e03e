import { TagType } from '@rtmpipe/flv'
import type { Mp4Place, Mp4Sample, Mp4Track } from '../mp4/movie.ts'
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
  /** Encoding of its first sample description. */
  readonly encoding: Encoding
  readonly #file: SharedFile
  readonly #encodings: readonly (Encoding | undefined)[]

  private constructor(track: Mp4Track, file: SharedFile, encoding: Encoding) {
    this.track = track
    this.encoding = encoding
    this.#file = file
    this.#encodings = [encoding, ...track.descriptions.slice(1).map(encodingOf)]
  }

  /** The first of a kind that RTMP has a place for. */
  static firstOf(tracks: readonly Mp4Track[], kind: 'video' | 'audio', file: SharedFile): PlayedTrack | undefined {
    for (const track of tracks) {
      const [first] = track.kind === kind ? track.descriptions : []
      const encoding = first && encodingOf(first)
      if (encoding !== undefined) return new PlayedTrack(track, file, encoding)
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
      yield { messageTypeId, time: latest, compositionOffset: shown - latest, encoding, sample }
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
