import type { RtmpMessage } from '@rtmpipe/session'

/** Where to begin. */
export interface Start {
  /** Milliseconds. */
  readonly timestamp: number
}

/** A file that can be played, by many at once. */
export interface MediaFile {
  /** Milliseconds. */
  readonly duration: number
  /** `onMetaData`, with the duration. */
  readonly metadata: RtmpMessage
  /** What the file has and players do not get, as a sentence for the log; undefined for nothing. */
  readonly leftOut: string | undefined
  /** The keyframe at or before a time, or the beginning. */
  find(timestamp: number): Promise<Start>
  /** Sequence headers and then the media from there. @throws VodError, whatever the disk throws */
  read(start: Start): AsyncGenerator<RtmpMessage, void>
  close(): Promise<void>
}
