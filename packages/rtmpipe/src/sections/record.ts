import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RecordOptions, RecordSegment } from '@rtmpipe/plugins/record'
import { recordDefaults } from '@rtmpipe/plugins/record/defaults'
import { amount, object, oneOf, text, yesOrNo } from '../config/schema-node.ts'
import { makeFolder } from './make-folder.ts'
import type { PluginSection } from './plugin-section.ts'

/** Records streams to files. */
export interface RecordConfig extends Pick<RecordOptions, 'dir' | 'format' | 'name' | 'segment' | 'whenSlow'> {
  /** What is recorded: everything, or what publishers ask to (publish type `record` or `append`). Default `always`. */
  readonly when?: 'always' | 'asked'
}

const schema = object<RecordConfig>(
  'records streams to files',
  {
    dir: text('folder for recordings', { expected: 'a folder', example: 'recordings' }),
    format: oneOf('format of the files', ['flv', 'mp4'], { default: recordDefaults.format }),
    name: text('path below dir, without extension; with {app}, {stream}, {date}, {day}, {time}, {counter}', {
      default: recordDefaults.name,
    }),
    segment: {
      ...object<RecordSegment>('when it goes on in a new file; whichever comes first', {
        duration: amount('milliseconds of media in a file'),
        bytes: amount('bytes of a file'),
        atKeyframe: yesOrNo('a new file at every keyframe', recordDefaults.segment.atKeyframe),
      }),
      example: { duration: 600_000 },
    },
    when: oneOf('what is recorded, everything or what publishers ask to', ['always', 'asked'], {
      default: recordDefaults.when,
    }),
    whenSlow: oneOf('what happens when the disk is slower than the stream', ['drop', 'backpressure'], {
      default: recordDefaults.whenSlow,
    }),
  },
  ['dir'],
)

export const record: PluginSection<RecordConfig> = {
  path: ['record'],
  schema,
  make: async (options, { log, onRecorded }) =>
    (await import('@rtmpipe/plugins/record')).record({ ...options, log, onRecorded }),
  async problems({ dir }) {
    try {
      // Made here and not at the first recording: nothing else tells for sure that it can be.
      await makeFolder(resolve(dir))
      await access(`${dir}/.`, constants.W_OK | constants.X_OK)
      return []
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const text = `no recordings can be written to that folder (${code}): choose another, or make it writable`
      return [{ path: ['record', 'dir'], text, shown: dir }]
    }
  },
  withWorkers: 'each stream is recorded once, by the worker that has its publisher',
}
