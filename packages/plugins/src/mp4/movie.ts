import type { AudioCodec, VideoCodec } from '@rtmpipe/flv'
import type { MediaPlace } from './track-media.ts'

/** A file that is read here and there. */
export interface ByteFile {
  /** Bytes. */
  readonly size: number
  /** As many bytes as there are, up to `length`. Never write into them. */
  read(position: number, length: number): Promise<Buffer>
  /** The same for what is looked at once: it is kept in no cache, and is the caller's own. */
  peek(position: number, length: number): Promise<Buffer>
}

/** What an MP4 file holds, as it is read here. */
export interface Mp4Movie {
  readonly tracks: readonly Mp4Track[]
}

/** Samples of one kind. Times are seconds of the movie: the edit list has been applied. */
export interface Mp4Track {
  /** Undefined for what is neither. */
  readonly kind: 'video' | 'audio' | undefined
  /** What its samples may need; a sample says which. */
  readonly descriptions: readonly Mp4Description[]
  /** Which of them its samples have, or may have, from 0. */
  readonly used: readonly number[]
  /** When its first sample is decoded; may be below zero. */
  readonly begin: number
  /** When its last sample has been shown. */
  readonly end: number
  /**
   * The place of the last sample that is decoded at this time or before and that decoding can begin with; undefined if
   * that is the first.
   *
   * @throws Mp4Error, whatever the file throws
   */
  find(time: number): Promise<Mp4Place | undefined>
  /** The samples in order of decoding, from a place or from the beginning. @throws Mp4Error, whatever the file throws */
  samples(from?: Mp4Place): AsyncGenerator<Mp4Sample, void>
}

/** Where a sample is found again. */
export interface Mp4Place {
  /** Seconds, when it is decoded. */
  readonly time: number
  /** Number of the part of the edit list that it is shown in, from 0. */
  readonly edit: number
  /** Undefined for the first sample. */
  readonly media: MediaPlace | undefined
}

/** A picture, or some sound. */
export interface Mp4Sample {
  /** Seconds. */
  readonly decodeTime: number
  /** Seconds to the time when it is shown. */
  readonly compositionOffset: number
  /** True if decoding can begin with it. */
  readonly isSync: boolean
  /** Which of the track's descriptions, from 0. */
  readonly description: number
  /** Bytes from the beginning of the file. */
  readonly position: number
  /** Bytes. */
  readonly size: number
}

/** A sample entry (ISO/IEC 14496-12 §8.5.2): what a decoder has to know. */
export interface Mp4Description {
  /** What the file calls it. */
  readonly format: string
  /** Why its samples can't be read, whatever their codec: a phrase for people. Undefined if they can. */
  readonly obstacle: 'encrypted' | 'in another file' | undefined
  /** Undefined for what RTMP has no name for, and for what can't be read. */
  readonly codec: VideoCodec | AudioCodec | undefined
  /** The body of a sequence header for it; undefined where there is none. */
  readonly config: Buffer | undefined
  /** Pixels; 0 of sound. */
  readonly width: number
  readonly height: number
  /** 0 of pictures. */
  readonly channels: number
  readonly sampleRate: number
}
