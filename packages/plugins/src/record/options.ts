import type { Awaitable, Logger, PublishInfo } from '@rtmpipe/session'

/** Format of a recording: `flv` holds everything, `mp4` is fragmented. */
export type RecordFormat = 'flv' | 'mp4'

/**
 * When a recording goes on in a new file; the value that is reached first counts. The cut is at a keyframe; a stream of
 * sound alone is cut anywhere.
 */
export interface RecordSegment {
  /** Milliseconds of media. */
  readonly duration?: number
  /** Bytes of the file. */
  readonly bytes?: number
  /** At every keyframe: each group of pictures is a file. Default false. */
  readonly atKeyframe?: boolean
}

/** A file that is complete. */
export interface RecordedFile {
  /**
   * What was recorded; it may be over. Undefined for a stream that no client publishes, such as one from another server.
   * Not enumerable, so that the rest can be written as JSON.
   */
  readonly publish: PublishInfo | undefined
  /** Absolute path. */
  readonly file: string
  /** Format of the file; it differs from the requested one if that has no place for a codec. */
  readonly format: RecordFormat
  /** Application of the stream. */
  readonly app: string
  /** Name of the stream, without query. */
  readonly streamName: string
  /** When its first frame came. */
  readonly startedAt: Date
  /** Milliseconds of media. */
  readonly duration: number
  /** Size of the file. */
  readonly bytes: number
  /** Messages that are missing, because the disk was slower than the stream; FLV files say where. */
  readonly dropped: number
}

/** A file that a crash had cut off and that is complete now. */
export type RepairedFile = Pick<RecordedFile, 'file' | 'format' | 'duration' | 'bytes'> & {
  /** Bytes cut off at the end: what was not written in full, or zeroes. */
  readonly cut: number
  /** The file beside it that has what was cut off; only where a repair was asked for, and more than zeroes were cut. */
  readonly kept?: string
}

/** What went wrong, and with what. */
export interface RecordFailure {
  /** What went wrong. */
  readonly error: Error
  /** Application of the stream; empty when a file is repaired, because the file does not tell it. */
  readonly app: string
  /** Name of the stream; empty when a file is repaired. */
  readonly streamName: string
  /** The file that it happened to; undefined before there is one. */
  readonly file: string | undefined
}

/** Where to record, what and how. */
export interface RecordOptions {
  /** Folder for recordings; made when it is missing. Nothing is ever written outside. */
  readonly dir: string
  /** Default `flv`, which holds everything; `mp4` is fragmented, and goes on as FLV if it has no place for a codec. */
  readonly format?: RecordFormat
  /**
   * Path below `dir`, without extension: text with `{app}`, `{stream}`, `{date}` (YYYYMMDD-HHMMSS), `{day}`, `{time}`,
   * all of them UTC, and `{counter}` (1, 2, … within one recording). Default `{app}/{stream}-{date}`. A name that is
   * taken gets `~2`, `~3` and so on.
   */
  readonly name?: string
  /** Default one file for each publish. */
  readonly segment?: RecordSegment
  /**
   * What is recorded without {@link Recorder.start}: everything, streams whose publishers ask for it (publishing type
   * `record` or `append`), or those that a function chooses. Default `always`.
   */
  readonly when?: 'always' | 'asked' | ((publish: PublishInfo) => boolean)
  /**
   * What happens when the disk is slower than the stream. `drop`, the default, keeps the stream live: frames are missing
   * in the recording, which is logged, told as `dropped`, and marked in FLV files. With `backpressure` nothing is lost,
   * but the publisher and everybody who watches wait for the disk.
   */
  readonly whenSlow?: 'drop' | 'backpressure'
  /** Where it logs to; default the server's log. */
  readonly log?: Logger
  /** Told of every file that is complete. */
  onRecorded?(file: RecordedFile): Awaitable<void>
  /** Told at the start of the server of each file that a crash had cut off and that was repaired. */
  onRepaired?(file: RepairedFile): Awaitable<void>
  /**
   * Told of each failure. The publisher goes on; the recording ends and keeps what it has, or goes on as FLV if MP4 has
   * no place for a codec.
   */
  onRecordError?(failure: RecordFailure): Awaitable<void>
}
