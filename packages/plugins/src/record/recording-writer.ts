import type { RtmpMessage } from '@rtmpipe/session'

/** A message with its time in a file. */
export interface TimedMessage {
  readonly message: RtmpMessage
  /** Milliseconds; of a frame its own, of other messages that of the frame before. */
  readonly time: number
}

/** One file in the making. */
export interface RecordingWriter {
  /** Path of the file when it is complete. */
  readonly name: string
  /** Bytes so far. */
  readonly size: number
  /** Milliseconds of media so far. */
  readonly duration: number
  /** True when a new file is due at the next keyframe. */
  readonly isOutdated: boolean
  /** Frames that were given and are not in this file, because they belong to the next one. */
  readonly postponed: readonly TimedMessage[]
  /** True for a frame that has a place in this file; another one is postponed. */
  fits(message: RtmpMessage): boolean
  /** @param time time of a frame in the file, in milliseconds; for other messages that of the frame before */
  write(message: RtmpMessage, time: number): Promise<void>
  /** Completes the file. Resolves with its path. */
  finish(): Promise<string>
  /** Leaves the file as it is on the disk, unfinished. Resolves with its path. */
  abandon(): Promise<string>
}
