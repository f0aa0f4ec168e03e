import type { MediaRole, RtmpMessage } from '@rtmpipe/session'

/** One file in the making. */
export interface RecordingWriter {
  /** Bytes so far. */
  readonly size: number
  /** Milliseconds of media so far. */
  readonly duration: number
  /** True when newer messages can't be written to this file: a new file is due at the next keyframe. */
  readonly isOutdated: boolean
  /** @param time time of a frame in the file, in milliseconds; for other messages that of the frame before */
  write(message: RtmpMessage, role: MediaRole, time: number): Promise<void>
  /** Completes the file. Resolves with its path. */
  finish(): Promise<string>
  /** Leaves the file as it is on the disk, unfinished. Resolves with its path. */
  abandon(): Promise<string>
}
