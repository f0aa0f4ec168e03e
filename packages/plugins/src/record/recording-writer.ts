import type { MediaRole, RtmpMessage } from '@rtmpipe/session'

/** One file in the making. */
export interface RecordingWriter {
  /** Bytes so far. */
  readonly size: number
  /** Milliseconds of media so far. */
  readonly duration: number
  /** True when what came since can't be written to this file: a new one is due at the next keyframe. */
  readonly isOutdated: boolean
  /** @param time where a frame is put, in milliseconds of the file; that of the frame before for everything else */
  write(message: RtmpMessage, role: MediaRole, time: number): Promise<void>
  /** Completes the file. Resolves with its path. */
  finish(): Promise<string>
  /** What is on the disk stays as it is, unfinished. Resolves with its path. */
  abandon(): Promise<string>
}
