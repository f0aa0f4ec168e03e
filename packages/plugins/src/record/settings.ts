import { resolve } from 'node:path'
import { checkNames, type Logger } from '@rtmpipe/session'
import { recordDefaults } from './defaults.ts'
import { RecordError } from './errors.ts'
import { NameTemplate } from './name-template.ts'
import type { RecordFormat, RecordOptions, RecordSegment } from './options.ts'

/** Options with their defaults. */
export interface RecordSettings {
  readonly dir: string
  readonly format: RecordFormat
  readonly name: NameTemplate
  readonly segment: Required<RecordSegment>
  readonly when: NonNullable<RecordOptions['when']>
  readonly whenSlow: NonNullable<RecordOptions['whenSlow']>
  readonly log: Logger
}

const known: Record<keyof RecordOptions, true> = {
  dir: true,
  format: true,
  name: true,
  segment: true,
  when: true,
  whenSlow: true,
  log: true,
  onRecorded: true,
  onRepaired: true,
  onRecordError: true,
}
const knownOfSegment: Record<keyof RecordSegment, true> = { duration: true, bytes: true, atKeyframe: true }

/** FLV counts milliseconds in 31 bits: no file is longer than 23 days. */
const longest = 2_000_000_000

/** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, RecordError `RTMP_ERR_RECORD_OPTION` */
export function settingsOf(options: Omit<RecordOptions, 'log'>, log: Logger): RecordSettings {
  checkNames('record()', options, known)
  checkNames('record().segment', options.segment ?? {}, knownOfSegment)
  const { dir, format = recordDefaults.format, name = recordDefaults.name, segment = {} } = options
  const { when = recordDefaults.when, whenSlow = recordDefaults.whenSlow } = options
  if (typeof dir !== 'string' || dir === '') throw wrong('dir', dir, 'the path of a folder')
  if (!['flv', 'mp4'].includes(format)) throw wrong('format', format, 'flv or mp4')
  if (!['drop', 'backpressure'].includes(whenSlow)) throw wrong('whenSlow', whenSlow, 'drop or backpressure')
  if (typeof when !== 'function' && when !== 'always' && when !== 'asked')
    throw wrong('when', when, 'always, asked or a function')
  const { duration = longest, bytes = Infinity, atKeyframe = recordDefaults.segment.atKeyframe } = segment
  if (!(duration > 0)) throw wrong('segment.duration', duration, 'milliseconds, more than 0')
  if (!(bytes > 0)) throw wrong('segment.bytes', bytes, 'bytes, more than 0')
  return {
    dir: resolve(dir),
    format,
    name: new NameTemplate(name),
    when,
    whenSlow,
    log,
    segment: { duration: Math.min(duration, longest), bytes, atKeyframe },
  }
}

function wrong(option: string, value: unknown, expected: string): RecordError {
  return new RecordError('RTMP_ERR_RECORD_OPTION', `${option} ${String(value)}: expected ${expected}`)
}
