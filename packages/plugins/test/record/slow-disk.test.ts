import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LiveStream, silentLogger } from '@rtmpipe/session'
import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { RecordedFile, RecordFailure, RecordOptions } from '../../src/record/index.ts'
import { Notices } from '../../src/record/notices.ts'
import { Recording } from '../../src/record/recording.ts'
import { settingsOf } from '../../src/record/settings.ts'
import { framesOf, readFlv } from './support/flv-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { publishOf } from './support/recorded.ts'

/** 20 s: more than a consumer may lag. */
const stream = sampleStream(500)

/** No frame, but it tells whether the publisher is to wait. */
const nothing = samples.metadata()

/** A recording that takes nothing before it is let go. */
class SlowRecording {
  readonly live = new LiveStream('live', 'cam', { mergeWindow: 0 })
  readonly files: RecordedFile[] = []
  readonly failures: RecordFailure[] = []
  readonly done: Promise<void>
  go = (): void => {}

  constructor(options: RecordOptions) {
    this.live.startPublish()
    const ready = new Promise<void>(resolve => (this.go = resolve))
    const settings = settingsOf(options, silentLogger)
    const onRecorded = (file: RecordedFile): void => void this.files.push(file)
    const onRecordError = (failure: RecordFailure): void => void this.failures.push(failure)
    const notices = new Notices({ onRecorded, onRecordError }, settings.log)
    this.done = new Recording(publishOf(this.live), settings, notices, ready).done.then(() => notices.settled())
  }

  /** Writes all. Resolves with whether the publisher had to wait. */
  async write(): Promise<boolean> {
    let waited = false
    for (const message of stream) {
      // Consumers get what came in one turn of the event loop.
      this.live.write(message)
      await new Promise(setImmediate)
      if (this.live.write(nothing)) continue
      waited = true
      this.go()
      await this.live.writable()
    }
    this.go()
    this.live.endPublish()
    await this.done
    return waited
  }
}

describe('a disk that is slower than the stream', () => {
  it('lets the publisher wait, and nothing is lost', async () => {
    const recording = new SlowRecording({ dir: temporaryFolder() })
    expect(await recording.write()).toBe(true)
    expect(readFlv(recording.files[0]?.file ?? '').frames).toEqual(framesOf(stream))
  })

  it('loses frames, and the publisher goes on', async () => {
    const recording = new SlowRecording({ dir: temporaryFolder(), whenSlow: 'drop' })
    expect(await recording.write()).toBe(false)
    const { frames } = readFlv(recording.files[0]?.file ?? '')
    expect(framesOf(stream)).toEqual(expect.arrayContaining([...frames]))
    expect(frames.length).toBeLessThan(framesOf(stream).length)
    expect(frames.length).toBeGreaterThan(100)
  })

  it('lets the publisher go when it fails', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'live'), 'a file where a folder has to be')
    const recording = new SlowRecording({ dir })
    expect(await recording.write()).toBe(true)
    expect(recording.failures).toHaveLength(1)
    expect(recording.live.consumerCount).toBe(0)
  })
})
