import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCodedAudio, isCodedVideo, isKeyframe, isVideoSequenceHeader } from '@rtmpipe/flv'
import { LiveStream, type RtmpMessage } from '@rtmpipe/session'
import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FlvWriter } from '../../src/record/flv-writer.ts'
import type { RecordingWriter } from '../../src/record/recording-writer.ts'
import { framesOf, readFlv } from './support/flv-file.ts'
import { filesBelow, temporaryFolder } from './support/folder.ts'
import { publishOf, RecordingServer, send } from './support/recorded.ts'
import { soundAhead } from './support/sound-ahead.ts'

const stream = sampleStream(60)

function isMedia({ messageTypeId, payload }: Pick<RtmpMessage, 'messageTypeId' | 'payload'>): boolean {
  return messageTypeId === 8 ? isCodedAudio(payload) : messageTypeId === 9 && isCodedVideo(payload)
}

/** A file that is on no disk. */
class Unwritten implements RecordingWriter {
  readonly size = 0
  readonly isOutdated = false
  readonly postponed: readonly never[] = []
  readonly name: string
  duration = 0

  constructor(file: string) {
    this.name = file
  }

  fits(): boolean {
    return true
  }

  async write(_message: RtmpMessage, time: number): Promise<void> {
    this.duration = time
  }

  async finish(): Promise<string> {
    return this.name
  }

  async abandon(): Promise<string> {
    return this.name
  }
}

describe('an FLV recording', () => {
  it('holds every frame, and says at its beginning how long it is and where its keyframes are', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir })
    await server.publish('live/cam', stream)
    const [recorded] = await server.recorded(1)
    expect(filesBelow(dir)).toEqual([expect.stringMatching(/^live\/cam-\d{8}-\d{6}\.flv$/)])
    expect(recorded).toMatchObject({ app: 'live', streamName: 'cam', format: 'flv', duration: 59 * 40 + 20 + 40 })
    expect(recorded?.file).toBe(join(dir, filesBelow(dir)[0] ?? ''))

    const file = readFlv(recorded?.file ?? '')
    expect(file.frames).toEqual(framesOf(stream))
    expect(file.messages.filter(({ payload }) => isVideoSequenceHeader(payload))).toHaveLength(1)
    expect(recorded?.bytes).toBe(file.bytes.length)
    expect(file.metadata).toMatchObject({
      width: 640,
      height: 360,
      duration: 2.42,
      filesize: file.bytes.length,
      lasttimestamp: 2.38,
      lastkeyframetimestamp: 2,
      hasKeyframes: true,
      lastkeyframelocation: file.filePositions.at(-1),
    })
    expect(file.times).toEqual([0, 1.2, 2])
    for (const position of file.filePositions) {
      expect(file.bytes[position]).toBe(9)
      expect(isKeyframe(file.bytes.subarray(position + 11))).toBe(true)
    }
    expect(file.bytes[4]).toBe(5)
  })

  it('begins at 0, goes on over the wrap, and closes gaps of more than 10 s', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder() })
    const times = [0xffff_ffe0, 0x20, 0x60, 100_000, 100_040]
    await server.publish('live/cam', [samples.videoHeader(), ...times.map(time => samples.keyframe(time))])
    const [recorded] = await server.recorded(1)
    const { messages } = readFlv(recorded?.file ?? '')
    expect(messages.filter(({ payload }) => isKeyframe(payload)).map(({ timestamp }) => timestamp)).toEqual([
      0, 64, 128, 138, 178,
    ])
  })

  it('goes on where a header says that another clock begins', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder() })
    const live = new LiveStream('live', 'cam')
    live.startPublish()
    server.recorder.onPublishStart(publishOf(live))
    const again = { ...samples.videoHeader(500), discontinuity: true }
    for (const message of [samples.keyframe(1_000), samples.keyframe(2_000), again, samples.keyframe(500)]) {
      live.write(message)
    }
    live.endPublish()
    const [recorded] = await server.recorded(1)
    const { messages } = readFlv(recorded?.file ?? '')
    expect(messages.slice(1).map(({ timestamp }) => timestamp)).toEqual([0, 1_000, 1_000, 1_010])
  })

  it('keeps pictures with their sound where the sound comes 300 ms ahead of them', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder() })
    const sent = soundAhead(2_000, 300)
    await server.publish('live/cam', [samples.metadata(), samples.videoHeader(), samples.audioHeader(), ...sent])
    const [recorded] = await server.recorded(1)
    const { messages, frames } = readFlv(recorded?.file ?? '')
    expect(frames).toEqual(framesOf(sent))
    expect(messages.slice(-sent.length).map(({ timestamp }) => timestamp)).toEqual(
      sent.map(({ timestamp }) => timestamp),
    )
    expect(recorded?.duration).toBe(2_000)
  })

  it('says in its header what it holds', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), name: '{stream}' })
    await server.publish('live/sound', [samples.audioHeader(), samples.audio(0), samples.audio(20)])
    const [recorded] = await server.recorded(1)
    const { bytes, metadata } = readFlv(recorded?.file ?? '')
    expect(bytes[4]).toBe(4)
    expect(metadata).not.toHaveProperty('keyframes')
    expect(metadata).toMatchObject({ duration: 0.04 })
  })

  it('is not made of a publish without a frame', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir })
    await server.publish('live/cam', [samples.metadata(), samples.videoHeader()])
    await server.publish('live/next', [samples.keyframe(0)])
    await server.recorded(1)
    expect(filesBelow(dir)).toHaveLength(1)
  })

  it('begins with a keyframe', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder() })
    await server.publish('live/cam', [samples.interframe(0), samples.audio(10), samples.interframe(40), ...stream])
    const [recorded] = await server.recorded(1)
    expect(readFlv(recorded?.file ?? '').frames).toEqual(framesOf([samples.audio(10), ...stream]))
  })

  it('does not trust what a publisher says of it', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder() })
    const lies = samples.metadata({ duration: 77, filesize: 1, keyframes: 3, width: 16, ['__proto__']: 5 })
    await server.publish('live/cam', [lies, samples.videoHeader(), samples.keyframe(0), samples.keyframe(1000)])
    const [recorded] = await server.recorded(1)
    const { metadata, bytes } = readFlv(recorded?.file ?? '')
    expect(metadata).toMatchObject({ duration: 2, filesize: bytes.length, width: 16 })
  })

  it('thins its index out when there are too many keyframes', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), segment: { duration: 10_000_000 } })
    const keyframes = Array.from({ length: 5_000 }, (_, index) => samples.keyframe(index * 1_000, 20))
    await server.publish('live/cam', [samples.videoHeader(), ...keyframes])
    const [recorded] = await server.recorded(1)
    const { times, filePositions, bytes } = readFlv(recorded?.file ?? '')
    expect(times.length).toBe(filePositions.length)
    expect(times.length).toBeGreaterThan(900)
    expect(times.length).toBeLessThanOrEqual(2_048)
    const steps = new Set(times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) * 1000)))
    expect([...steps]).toHaveLength(1)
    for (const position of filePositions) expect(isKeyframe(bytes.subarray(position + 11))).toBe(true)
  })
})

describe('names', () => {
  it('never replace a file', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, name: '{stream}' })
    writeFileSync(join(dir, 'cam.flv'), 'precious')
    for (const _ of [1, 2]) await server.publish('live/cam', stream)
    await server.recorded(2)
    expect(filesBelow(dir)).toEqual(['cam.flv', 'cam~2.flv', 'cam~3.flv'])
    expect(() => readFlv(join(dir, 'cam.flv'))).toThrow('FLV')
  })

  it('never replace a file that comes while a recording runs', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, name: '{stream}' })
    const publisher = await server.server.publish('live/cam')
    const player = await server.server.play('live/cam')
    await send(publisher, stream)
    player.resume()
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'cam.flv'), 'precious')
    publisher.end()
    const [recorded] = await server.recorded(1)
    expect(recorded?.file).toBe(join(dir, 'cam~2.flv'))
    expect(filesBelow(dir)).toEqual(['cam.flv', 'cam~2.flv'])
  })

  it('stay in the folder, whatever clients say', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir: join(dir, 'recordings'), name: '{app}/{stream}' })
    const names = ['..', '../../x', '/etc/passwd', 'a\\..\\b', '\0', 'con', 'x'.repeat(5_000), 'é\u202e', '%2e%2e', '']
    for (const name of names) {
      const live = new LiveStream('../..', name)
      live.startPublish()
      server.recorder.onPublishStart(publishOf(live))
      for (const message of stream) live.write(message)
      live.endPublish()
    }
    await server.recorded(names.length)
    expect(server.failures).toEqual([])
    const files = filesBelow(dir)
    expect(files).toHaveLength(names.length)
    for (const file of files) {
      expect(file).toMatch(/^recordings\/%2E.%2F.%2E\/[^/\\\p{C}]+\.flv$/u)
      expect(Buffer.byteLength(file.split('/').at(-1) ?? '')).toBeLessThan(100)
    }
  })
})

describe('what is recorded', () => {
  it('is what publishers ask for', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), when: 'asked', name: '{stream}' })
    await server.publish('live/not', stream)
    await server.publish('live/kept', stream, 'record')
    const [recorded] = await server.recorded(1)
    expect(recorded?.streamName).toBe('kept')
    expect(server.files).toHaveLength(1)
  })

  it('is what a function says', async () => {
    const when = ({ streamName }: { readonly streamName: string }): boolean => streamName === 'kept'
    await using server = new RecordingServer({ dir: temporaryFolder(), when })
    await server.publish('live/not', stream, 'record')
    await server.publish('live/kept', stream)
    expect((await server.recorded(1))[0]?.streamName).toBe('kept')
  })

  it('is what start and stop say, from the cached keyframe on', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), when: 'asked' })
    const { recorder } = server
    const publisher = await server.server.publish('live/cam')
    const player = await server.server.play('live/cam')
    const arrived = (count: number): Promise<void> =>
      new Promise(resolve => {
        const count_ = (): void => {
          count -= 1
          if (count === 0) resolve(void player.off('data', count_))
        }
        player.on('data', count_)
      })
    const first = arrived(stream.length)
    await send(publisher, stream)
    await first
    expect(recorder.isRecording('live', 'cam')).toBe(false)
    recorder.start('live', 'cam')
    recorder.start('live', 'cam')
    expect(recorder.isRecording('live', 'cam')).toBe(true)
    const more = [samples.keyframe(2_400), samples.interframe(2_440)]
    const second = arrived(2)
    await send(publisher, more)
    await second
    await recorder.stop('live', 'cam')
    expect(recorder.isRecording('live', 'cam')).toBe(false)
    publisher.end()
    const [recorded] = await server.recorded(1)
    expect(readFlv(recorded?.file ?? '').frames).toEqual(framesOf([...stream.slice(3 + 50 * 2), ...more]))
  })

  it('may be started before there is a publisher', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), when: 'asked' })
    server.recorder.start('live', 'cam')
    await server.publish('live/cam', stream)
    expect(await server.recorded(1)).toHaveLength(1)
    await server.recorder.stop('live', 'cam')
    await server.publish('live/cam', stream)
    await server.publish('live/other', stream, 'record')
    expect((await server.recorded(2)).map(({ streamName }) => streamName)).toEqual(['cam', 'other'])
  })
})

describe('a publisher that appends', () => {
  it('goes on with the newest file, in time and index', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir })
    for (const _ of [1, 2, 3]) await server.publish('live/cam', stream, 'append')
    const files = await server.recorded(3)
    expect(new Set(files.map(({ file }) => file)).size).toBe(1)
    expect(filesBelow(dir)).toHaveLength(1)
    const { frames, messages, metadata, times, filePositions, bytes } = readFlv(files[0]?.file ?? '')
    expect(frames).toEqual([...framesOf(stream), ...framesOf(stream), ...framesOf(stream)])
    const timestamps = messages.map(({ timestamp }) => timestamp)
    expect(timestamps).toEqual([...timestamps].sort((one, other) => one - other))
    const { duration } = files[2] ?? { duration: 0 }
    expect(duration).toBe(3 * 2420)
    expect(metadata).toMatchObject({ duration: duration / 1000, filesize: bytes.length, width: 640 })
    expect(times).toEqual([0, 1.2, 2, 3.22, 4.02, 5.24, 6.04])
    for (const position of filePositions) expect(isKeyframe(bytes.subarray(position + 11))).toBe(true)
  })

  it('goes on behind all there is, also with sound that comes behind its pictures', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir })
    await server.publish('live/cam', stream, 'append')
    const late = [samples.keyframe(700), samples.audio(500), samples.interframe(740), samples.audio(720)]
    await server.publish('live/cam', late, 'append')
    const [, second] = await server.recorded(2)
    const { messages } = readFlv(second?.file ?? '')
    expect(messages.slice(-4).map(({ timestamp }) => timestamp)).toEqual([2_420, 2_420, 2_460, 2_440])
  })

  it('thins out the index of a file that has little room for it', async () => {
    const dir = temporaryFolder()
    const minute = [samples.videoHeader(), ...Array.from({ length: 60 }, (_, index) => samples.keyframe(index * 1_000))]
    {
      await using server = new RecordingServer({
        dir,
        name: '{stream}',
        segment: { duration: 1_000_000, atKeyframe: true },
      })
      await server.publish('live/cam', minute.slice(0, 2))
      await server.recorded(1)
    }
    await using server = new RecordingServer({ dir, name: '{stream}' })
    await server.publish('live/cam', minute, 'append')
    const [recorded] = await server.recorded(1)
    const { times, filePositions, bytes, metadata } = readFlv(recorded?.file ?? '')
    expect(metadata).toMatchObject({ filesize: bytes.length, hasKeyframes: true })
    expect(times.length).toBeGreaterThan(0)
    expect(times.length).toBeLessThan(10)
    for (const position of filePositions) expect(isKeyframe(bytes.subarray(position + 11))).toBe(true)
  })

  it('begins a file when there is none of this stream', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir })
    await server.publish('live/camera', stream, 'record')
    await server.publish('live/cam', stream, 'append')
    await server.recorded(2)
    expect(filesBelow(dir)).toHaveLength(2)
  })

  it('begins another file when the newest is none', async () => {
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, name: '{stream}' })
    writeFileSync(join(dir, 'cam.flv'), 'no FLV file at all')
    await server.publish('live/cam', stream, 'append')
    await server.recorded(1)
    expect(filesBelow(dir)).toEqual(['cam.flv', 'cam~2.flv'])
  })
})

describe('segments', () => {
  it.each([
    ['duration', { duration: 800 }, 3],
    ['bytes', { bytes: 50_000 }, 3],
    ['keyframes', { atKeyframe: true }, 6],
  ] as const)('by %s are playable each, and complete together', async (_, segment, count) => {
    await using server = new RecordingServer({ dir: temporaryFolder(), name: '{stream}-{counter}', segment })
    await server.publish('live/cam', stream)
    const files = await server.complete()
    expect(files).toHaveLength(count)
    const read = files.map(({ file }) => readFlv(file))
    expect(read.flatMap(({ frames }) => frames)).toEqual(framesOf(stream))
    for (const [index, { messages, metadata, bytes, times }] of read.entries()) {
      expect(files[index]?.file).toMatch(new RegExp(`cam-${index + 1}\\.flv$`))
      const [, header, sound, keyframe] = messages
      expect(isVideoSequenceHeader(header?.payload ?? Buffer.alloc(0))).toBe(true)
      expect(sound?.payload.toString('hex', 0, 2)).toBe('af00')
      expect(isKeyframe(keyframe?.payload ?? Buffer.alloc(0))).toBe(true)
      expect(keyframe?.timestamp).toBe(0)
      expect(metadata).toMatchObject({ width: 640, filesize: bytes.length })
      expect(times[0]).toBe(0)
    }
  })

  it('keep pictures with their sound where the sound comes 300 ms ahead of them', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), segment: { duration: 800 } })
    const sent = soundAhead(2_400, 300)
    await server.publish('live/cam', [samples.videoHeader(), samples.audioHeader(), ...sent])
    const files = await server.complete()
    expect(files).toHaveLength(3)
    const read = files.map(({ file }) => readFlv(file))
    expect(read.flatMap(({ frames }) => frames)).toEqual(framesOf(sent))
    // The second file begins with the picture of 800 ms, after which comes the sound of 1,120.
    const media = read[1]?.messages.filter(isMedia).map(({ messageTypeId, timestamp }) => [messageTypeId, timestamp])
    expect(media?.slice(0, 5)).toEqual([
      [9, 0],
      [8, 320],
      [8, 340],
      [9, 40],
      [8, 360],
    ])
  })

  it('go on for longer than FLV has time in one file', async () => {
    const day = 86_400_000
    // Without a disk, which would be written to for every second.
    onTestFinished(() => void vi.restoreAllMocks())
    vi.spyOn(FlvWriter, 'create').mockImplementation(file => Promise.resolve(new Unwritten(file) as never))
    const options = { dir: temporaryFolder(), segment: { duration: 10 * day }, whenSlow: 'backpressure' } as const
    await using server = new RecordingServer(options)
    const live = new LiveStream('live', 'cam')
    live.startPublish()
    server.recorder.onPublishStart(publishOf(live))
    const keyframe = samples.keyframe(0, 20)
    for (let timestamp = 0; timestamp <= 30 * day; timestamp += 10_000) {
      if (!live.write({ ...keyframe, timestamp })) await live.writable()
    }
    live.endPublish()
    const files = await server.recorded(4)
    expect(server.failures).toEqual([])
    expect(files.map(({ duration }) => duration)).toEqual([10 * day - 10_000, 10 * day - 10_000, 10 * day - 10_000, 0])
  })

  it('by keyframes begin with the sound before the first one', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), segment: { atKeyframe: true } })
    const sent = [samples.audio(0), samples.keyframe(10), samples.audio(20), samples.keyframe(30)]
    await server.publish('live/cam', sent)
    const files = await server.complete()
    expect(files.map(({ file }) => readFlv(file).frames)).toEqual([framesOf(sent.slice(0, 3)), framesOf(sent.slice(3))])
  })

  it('of sound alone are cut anywhere', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), segment: { duration: 1_000 } })
    const sound = Array.from({ length: 200 }, (_, index) => samples.audio(index * 20))
    await server.publish('live/cam', [samples.audioHeader(), ...sound])
    const files = await server.complete()
    expect(files).toHaveLength(4)
    expect(files.flatMap(({ file }) => readFlv(file).frames)).toEqual(framesOf(sound))
  })
})

describe('trouble with the disk', () => {
  it('is told, and the publisher goes on', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'live'), 'a file where a folder has to be')
    await using server = new RecordingServer({ dir })
    const publisher = await server.server.publish('live/cam')
    const player = await server.server.play('live/cam')
    await send(publisher, stream)
    const [failure] = await server.failed(1)
    expect(failure).toMatchObject({
      app: 'live',
      streamName: 'cam',
      error: { code: expect.stringMatching(/EEXIST|ENOTDIR/) },
    })
    await send(publisher, [samples.keyframe(9_000)])
    for await (const { timestamp } of player) if (timestamp === 9_000) break
    expect(server.recorder.isRecording('live', 'cam')).toBe(false)
  })

  it('a name that is too long for the disk is told', async () => {
    await using server = new RecordingServer({ dir: temporaryFolder(), name: `{stream}${'x'.repeat(300)}` })
    await server.publish('live/cam', stream)
    expect(await server.failed(1)).toMatchObject([{ error: { code: 'ENAMETOOLONG' } }])
  })

  it('a folder that goes away is made again for the next file', async () => {
    const dir = join(temporaryFolder(), 'recordings')
    await using server = new RecordingServer({ dir })
    await server.publish('live/cam', stream)
    await server.recorded(1)
    rmSync(dir, { recursive: true })
    await server.publish('live/cam', stream)
    const [, second] = await server.recorded(2)
    expect(existsSync(second?.file ?? '')).toBe(true)
  })

  it('a folder that goes away under a recording is told', async () => {
    const dir = join(temporaryFolder(), 'recordings')
    await using server = new RecordingServer({ dir })
    const publisher = await server.server.publish('live/cam')
    const player = await server.server.play('live/cam')
    await send(publisher, stream)
    player.resume()
    publisher.write(samples.keyframe(5_000))
    while (!existsSync(join(dir, 'live'))) await new Promise(resolve => setImmediate(resolve))
    renameSync(dir, `${dir}-gone`)
    publisher.end()
    const [failure] = await server.failed(1)
    expect(failure?.error).toMatchObject({ code: 'ENOENT' })
    expect(server.files).toEqual([])
  })

  it('a callback that throws is logged and hurts nobody', async () => {
    const errors: object[] = []
    const silent = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) }
    const log = { ...silent, child: () => log }
    const { record } = await import('../../src/record/index.ts')
    const { TestServer } = await import('@rtmpipe/testing')
    let onRecorded = (): void => {}
    const called = new Promise<void>(resolve => {
      onRecorded = () => {
        resolve()
        throw new Error('no room for thumbnails')
      }
    })
    await using server = new TestServer({ plugins: [record({ dir: temporaryFolder(), log, onRecorded })] })
    const publisher = await server.publish('live/cam')
    await send(publisher, stream)
    publisher.end()
    await called
    await server.server.close()
    expect(errors).toEqual([
      { callback: 'onRecorded', err: expect.objectContaining({ message: 'no room for thumbnails' }) },
    ])
  })
})

describe('options', () => {
  it.each([
    [{ dir: '' }],
    [{ dir: 'x', format: 'avi' }],
    [{ dir: 'x', name: '../{stream}' }],
    [{ dir: 'x', name: '/{stream}' }],
    [{ dir: 'x', name: '{stream}/' }],
    [{ dir: 'x', name: '{key}' }],
    [{ dir: 'x', whenSlow: 'fail' }],
    [{ dir: 'x', when: 'never' }],
    [{ dir: 'x', segment: { duration: 0 } }],
    [{ dir: 'x', segment: { bytes: Number.NaN } }],
  ])('%j is refused', options => {
    expect(() => new RecordingServer(options as { dir: string })).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_RECORD_OPTION' }),
    )
  })
})
