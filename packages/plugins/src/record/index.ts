/**
 * Records live streams to FLV or fragmented MP4 files, in segments if you like, and repairs files that a crash has cut
 * off.
 *
 * @example
 * ```ts
 * import { record } from '@rtmpipe/plugins/record'
 *
 * server.use(record({ dir: 'recordings', segment: { duration: 600_000 } }))
 * ```
 *
 * It does not encode, make pictures of a stream, delete old files, or play recordings.
 *
 * @packageDocumentation
 */
export { recordDefaults } from './defaults.ts'
export { RecordError, type RecordErrorCode } from './errors.ts'
export type {
  RecordedFile,
  RecordFailure,
  RecordFormat,
  RecordOptions,
  RecordSegment,
  RepairedFile,
} from './options.ts'
export { RECORD_OPTIONS, record, Recorder } from './recorder.ts'
export { repairFile as repair } from './repair-file.ts'
