import type { RtmpMessage } from '@rtmpipe/chunk-stream'

/** Where to begin in a recording. */
export interface FilePlace {
  /** Milliseconds. */
  readonly timestamp: number
}

/** What a recording is, for all who read it at a time. */
export interface RecordedMedia {
  /** Milliseconds. */
  readonly duration: number
  /** `onMetaData`. */
  readonly metadata: RtmpMessage
  /** The keyframe at or before a time, or the beginning. Where there are no pictures, it may be any frame. */
  find(timestamp: number): Promise<FilePlace>
  /** Sequence headers and then the media from a place that was found, with the times of the recording. */
  read(place: FilePlace): AsyncGenerator<RtmpMessage, void>
}

/** A recording that is open, see {@link Acts.openFile}. */
export interface OpenFile {
  /** The same object for all who have it open, as long as it is the same recording. */
  readonly media: RecordedMedia
  /** To be called once nothing is read any more; further calls do nothing. */
  release(): void
}
