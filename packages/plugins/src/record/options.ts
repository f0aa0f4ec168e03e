import type { Awaitable, Logger, PublishInfo } from '@rtmpipe/session'

/** Of a recording: `flv` holds everything, `mp4` is fragmented. */
export type RecordFormat = 'flv' | 'mp4'

/** When a recording goes on in a new file; whichever comes first. Cuts are at keyframes, those of sound alone anywhere. */
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
  /** What was recorded; it may be over. Not enumerable, so that the rest can be written as JSON. */
  readonly publish: PublishInfo
  /** Absolute path. */
  readonly file: string
  /** What it is; another than was asked for where a codec has no place in that. */
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
}

/** A file that a crash had left and that is complete now. */
export type RepairedFile = Pick<RecordedFile, 'file' | 'format' | 'duration' | 'bytes'> & {
  /** Bytes cut off at the end: what was not written in full. */
  readonly cut: number
}

/** What went wrong, and with what. */
export interface RecordFailure {
  /** What went wrong. */
  readonly error: Error
  /** Empty where a file is repaired: it does not say. */
  readonly app: string
  /** Name of the stream; empty where a file is repaired. */
  readonly streamName: string
  /** What it happened to; undefined before there is a file. */
  readonly file: string | undefined
}

/** Where to record, what and how. */
export interface RecordOptions {
  /** Folder for recordings; made when it is missing. Nothing is ever written outside. */
  readonly dir: string
  /** Default `flv`, which holds everything; `mp4` is fragmented, and goes on as FLV where a codec has no place in it. */
  readonly format?: RecordFormat
  /**
   * Path below `dir`, without extension: text with `{app}`, `{stream}`, `{date}` (YYYYMMDD-HHMMSS), `{day}`, `{time}`, all
   * of them UTC, and `{counter}` (1, 2, … within one recording). Default `{app}/{stream}-{date}`. A name that is taken
   * gets `~2`, `~3` and so on.
   */
  readonly name?: string
  /** Default one file for each publish. */
  readonly segment?: RecordSegment
  /**
   * What is recorded without {@link Recorder.start}: everything, what publishers ask to (publish type `record` or
   * `append`), or what a function says. Default `always`.
   */
  readonly when?: 'always' | 'asked' | ((publish: PublishInfo) => boolean)
  /** When the disk is slower than the stream: let the publisher wait and lose nothing, or drop frames. Default `backpressure`. */
  readonly whenSlow?: 'backpressure' | 'drop'
  /** Where it logs to; default nowhere. */
  readonly log?: Logger
  /** Told of every file that is complete. */
  onRecorded?(file: RecordedFile): Awaitable<void>
  /** At the start of the server, of files that a crash had left. */
  onRepaired?(file: RepairedFile): Awaitable<void>
  /** Publishers go on; the recording ends, and what it has is kept. Of a codec that MP4 does not take: goes on as FLV. */
  onRecordError?(failure: RecordFailure): Awaitable<void>
}
