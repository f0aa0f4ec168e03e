import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Amf0Reader, propertiesOf } from '@rtmpipe/amf'
import { isFrame } from '@rtmpipe/flv'
import { type Logger, LiveStream, silentLogger, type Status } from '@rtmpipe/session'
import { samples, sampleStream, send, VirtualClock } from '@rtmpipe/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FlvWriter } from '../../src/record/flv-writer.ts'
import type { RecordedFile, RecordFailure, RecordOptions } from '../../src/record/index.ts'
import { Notices } from '../../src/record/notices.ts'
import { Recording } from '../../src/record/recording.ts'
import { settingsOf } from '../../src/record/settings.ts'
import { framesOf, readFlv } from './support/flv-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { RecordingServer, recordedOf } from './support/recorded.ts'

/** 20 s, and 20 MB: more than a consumer may lag. */
const stream = sampleStream(500).map(message =>
  message.messageTypeId === 9 && isFrame(message)
    ? { ...message, payload: Buffer.concat([message.payload, Buffer.alloc(40_000)]) }
    : message,
)

/** No frame, but it tells whether the publisher is to wait. */
const nothing = samples.metadata()

/** A recording that takes nothing before it is let go. */
class SlowRecording {
  readonly live = new LiveStream('live', 'cam', { mergeWindow: 0 })
  readonly files: RecordedFile[] = []
  readonly failures: RecordFailure[] = []
  readonly done: Promise<void>
  go = (): void => {}

  readonly warnings: string[] = []

  constructor(options: RecordOptions) {
    this.live.startPublish()
    const ready = new Promise<void>(resolve => (this.go = resolve))
    const warn: Logger['warn'] = (_: unknown, text?: string): void => void this.warnings.push(text ?? '')
    const settings = settingsOf(options, { ...silentLogger, warn })
    const onRecorded = (file: RecordedFile): void => void this.files.push(file)
    const onRecordError = (failure: RecordFailure): void => void this.failures.push(failure)
    const notices = new Notices({ onRecorded, onRecordError }, settings.log)
    this.done = new Recording(recordedOf(this.live), settings, notices, ready, () => {}).done.then(() =>
      notices.settled(),
    )
  }

  /** Writes all. Resolves with whether the publisher had to wait. */
  async write(): Promise<boolean> {
    let waited = false
    const clock = vi.spyOn(performance, 'now')
    for (const message of stream) {
      // Lag is measured on arrival: they come in real time.
      clock.mockReturnValue(message.timestamp)
      // Consumers get what came in one turn of the event loop.
      this.live.write(message)
      await new Promise(setImmediate)
      if (this.live.write(nothing)) continue
      waited = true
      this.go()
      await this.live.writable()
    }
    clock.mockRestore()
    this.go()
    this.live.endPublish()
    await this.done
    return waited
  }
}

describe('a disk that is slower than the stream', () => {
  it('lets the publisher wait, and nothing is lost', async () => {
    const recording = new SlowRecording({ dir: temporaryFolder(), whenSlow: 'backpressure' })
    expect(await recording.write()).toBe(true)
    expect(readFlv(recording.files[0]?.file ?? '').frames).toEqual(framesOf(stream))
    expect(recording.files).toMatchObject([{ dropped: 0 }])
    expect(recording.warnings).toEqual([])
  })

  it('loses frames where nothing else is asked for: the publisher goes on, and the recording says so', async () => {
    const recording = new SlowRecording({ dir: temporaryFolder() })
    expect(await recording.write()).toBe(false)
    const { frames, messages } = readFlv(recording.files[0]?.file ?? '')
    const lost = framesOf(stream).length - frames.length
    expect(new Set(framesOf(stream))).toEqual(new Set([...framesOf(stream), ...frames]))
    expect(lost).toBeGreaterThan(0)
    expect(frames.length).toBeGreaterThan(100)
    // Each metadata message in between counts, too, but is none of the frames.
    const dropped = recording.files[0]?.dropped ?? 0
    expect(dropped).toBeGreaterThanOrEqual(lost)
    expect(recording.warnings).toEqual([expect.stringMatching(/the disk is slower than the stream/)])
    const gaps = messages.filter(({ payload }) => payload.includes('onRecordGap'))
    const marked = gaps.map(({ payload }) => new Amf0Reader(payload.subarray(payload.indexOf(3))).read())
    expect(marked.reduce((sum: number, gap) => sum + Number(propertiesOf(gap)?.['messages']), 0)).toBe(dropped)
  })

  it('of less than 16 MiB loses nothing, however long it takes', async () => {
    const recording = new SlowRecording({ dir: temporaryFolder() })
    const small = sampleStream(500)
    for (const message of small) {
      recording.live.write(message)
      await new Promise(setImmediate)
    }
    recording.go()
    recording.live.endPublish()
    await recording.done
    expect(readFlv(recording.files[0]?.file ?? '').frames).toEqual(framesOf(small))
    expect(recording.files).toMatchObject([{ dropped: 0 }])
  })

  it('lets the publisher go when it fails', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'live'), 'a file where a folder has to be')
    const recording = new SlowRecording({ dir, whenSlow: 'backpressure' })
    expect(await recording.write()).toBe(true)
    expect(recording.failures).toHaveLength(1)
    expect(recording.live.consumerCount).toBe(0)
  })
})

describe('a disk that does not answer', () => {
  afterEach(() => vi.restoreAllMocks())

  /** A publisher that asks for a recording, and what it hears of it. */
  async function recorded(clock: VirtualClock, folder: string, create: typeof FlvWriter.create) {
    vi.spyOn(FlvWriter, 'create').mockImplementation(create)
    const server = new RecordingServer({ dir: folder })
    const publisher = await server.server.publish('live/cam', { type: 'record' })
    const codes: string[] = []
    publisher.on('error', () => {}).on('status', ({ code }: Status) => void codes.push(code))
    await send(publisher, sampleStream(3))
    await clock.advance(9_999)
    const early = [...server.failures]
    await clock.advance(1)
    return { server, publisher, codes, early }
  }

  it('ends the recording after 10 s and says so; the publisher goes on', async () => {
    using clock = new VirtualClock()
    const { server, publisher, codes, early } = await recorded(clock, temporaryFolder(), () => new Promise(() => {}))
    expect(early).toEqual([])
    expect(server.failures).toMatchObject([{ app: 'live', streamName: 'cam', error: { code: 'RTMP_ERR_RECORD_OPEN' } }])
    expect(codes).toEqual(['NetStream.Record.Failed'])
    expect(publisher.destroyed).toBe(false)
    // And nothing waits for it at the end.
    await server[Symbol.asyncDispose]()
  })

  it('leaves nothing behind when it answers after all', async () => {
    using clock = new VirtualClock()
    const folder = temporaryFolder()
    const create = FlvWriter.create.bind(FlvWriter)
    let answer = (): void => {}
    let writer: Promise<FlvWriter> | undefined
    const { server } = await recorded(clock, folder, (...options) => {
      const late = new Promise<void>(resolve => (answer = resolve))
      return (writer = late.then(() => create(...options)))
    })
    answer()
    await writer
    await vi.waitUntil(() => readdirSync(join(folder, 'live')).length === 0)
    await server[Symbol.asyncDispose]()
  })
})
