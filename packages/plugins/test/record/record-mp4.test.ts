import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMediaHeader, metadataOf } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { samples } from '@rtmpipe/testing'
import { repair } from '../../src/record/index.ts'
import { framesOf, readFlv } from './support/flv-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { framesOfTracks, messagesOf, repeated } from './support/media-messages.ts'
import { readMp4 } from './support/mp4-file.ts'
import { RecordingServer } from './support/recorded.ts'
import { soundAhead } from './support/sound-ahead.ts'

describe('an MP4 recording', () => {
  it.each([
    ['h264-aac', ['avc1', 'mp4a']],
    ['hevc-opus', ['Opus', 'hvc1']],
    ['av1-flac', ['av01', 'fLaC']],
    ['vp9-ac3', ['ac-3', 'vp09']],
    ['hevc-hdr-eac3', ['ec-3', 'hvc1']],
    ['vp9-opus51', ['Opus', 'vp09']],
    ['multitrack', ['avc1', 'avc1', 'mp4a', 'mp4a']],
    ['manycodecs', ['Opus', 'ac-3', 'av01', 'ec-3', 'fLaC', 'hvc1', 'mp3', 'mp4a', 'vp09']],
  ])('holds every frame of %s', async (name, codecs) => {
    const sent = repeated(messagesOf(name), 4)
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
    await server.publish('live/cam', sent)
    const [recorded] = await server.recorded(1)
    expect(server.failures).toEqual([])
    expect(recorded).toMatchObject({ format: 'mp4', bytes: readFileSync(recorded?.file ?? '').length })
    const read = await readMp4(recorded?.file ?? '')
    expect(read.codecs).toEqual(codecs)
    expect(read.packets).toEqual(framesOfTracks(sent))
    const last = Math.max(...sent.map(({ timestamp }) => timestamp))
    expect(Math.abs((recorded?.duration ?? 0) - last)).toBeLessThan(120)
  })

  it('has a fragment for every group of pictures, and one a second for sound alone', async () => {
    const pictures = Array.from({ length: 40 }, (_, index) =>
      index % 5 === 0 ? samples.keyframe(index * 40) : samples.interframe(index * 40),
    )
    const sent = messagesOf('h264-aac')
    const head = sent.filter(({ timestamp, messageTypeId }) => timestamp === 0 && messageTypeId !== 8).slice(0, 2)
    const sound = repeated(
      sent.filter(({ messageTypeId }) => messageTypeId === 8),
      4,
    )
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, format: 'mp4' })
    await server.publish('live/pictures', [...head, ...pictures])
    await server.publish('live/sound', sound)
    const files = await server.complete()
    const counts = files.map(({ file }) => readFileSync(file).toString('latin1').split('moof').length - 1)
    const seconds = Math.max(...sound.map(({ timestamp }) => timestamp)) / 1000
    expect(counts[0]).toBeGreaterThanOrEqual(8)
    expect(counts[1]).toBeLessThanOrEqual(Math.ceil(seconds) + 1)
  })

  it.each([
    ['a little', 300, { files: 1, pictures: 293, soundAt: 0 }],
    // The first file has sound alone: no picture came while it looked for tracks. The second begins with the first picture.
    ['for longer than a track may be silent', 6_000, { files: 2, pictures: 150, soundAt: 6_020 }],
  ])('keeps pictures with their sound where the sound comes ahead of them, %s', async (_, ahead, expected) => {
    const head = messagesOf('h264-aac').filter(one => one.messageTypeId === 18 || isMediaHeader(one))
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
    await server.publish('live/cam', [...head, ...soundAhead(12_000, ahead)])
    const files = await server.complete()
    expect(server.failures).toEqual([])
    expect(files).toHaveLength(expected.files)
    const { times } = await readMp4(files.at(-1)?.file ?? '')
    const steps = Array.from({ length: expected.pictures }, (_, index) => index)
    expect(times.get('video 1')).toEqual(steps.map(index => index * 40))
    expect(times.get('audio 1')?.slice(0, 100)).toEqual(steps.slice(0, 100).map(at => expected.soundAt + at * 20))
  })

  it('finds all tracks of sound that comes more ahead of its pictures than it looks for tracks', async () => {
    const arrival = ({ messageTypeId, timestamp }: RtmpMessage): number => timestamp + (messageTypeId === 9 ? 1_500 : 0)
    const sent = repeated(messagesOf('multitrack'), 12).sort((one, other) => arrival(one) - arrival(other))
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
    await server.publish('live/cam', sent)
    const files = await server.complete()
    const codecs = await Promise.all(files.map(async ({ file }) => (await readMp4(file)).codecs))
    expect(codecs).toEqual([
      ['mp4a', 'mp4a'],
      ['avc1', 'avc1', 'mp4a', 'mp4a'],
    ])
  })

  it('in segments is complete together', async () => {
    const sent = repeated(messagesOf('h264-aac'), 6)
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4', segment: { duration: 1_500 } })
    await server.publish('live/cam', sent)
    const files = await server.complete()
    const read = await Promise.all(files.map(({ file }) => readMp4(file)))
    expect(files.length).toBeGreaterThan(1)
    expect(read.flatMap(({ packets }) => packets).sort()).toEqual(framesOfTracks(sent))
    for (const { times, codecs } of read) {
      expect(codecs).toEqual(['avc1', 'mp4a'])
      for (const [first = Infinity] of times.values()) expect(first).toBeLessThan(150)
    }
  })

  it('cut at any byte behind its first fragment is played up to there, repaired or not', async () => {
    const sent = repeated(messagesOf('h264-aac'), 5)
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, format: 'mp4' })
    await server.publish('live/cam', sent)
    const [recorded] = await server.recorded(1)
    const whole = readFileSync(recorded?.file ?? '')
    const file = join(dir, 'cut.mp4')
    const fragments: number[] = []
    for (let at = whole.indexOf('moof'); at >= 0; at = whole.indexOf('moof', at + 4)) fragments.push(at - 4)
    const all = framesOfTracks(sent)
    let before = 0
    for (const end of [...fragments.slice(1), whole.indexOf('mfra') - 4]) {
      writeFileSync(file, whole.subarray(0, end))
      const { packets } = await readMp4(file)
      expect(packets.length).toBeGreaterThan(before)
      expect(all).toEqual(expect.arrayContaining(packets))
      before = packets.length
      // In the index of the next fragment, and in its media.
      for (const more of [1, 9, 100, 600, 2_000]) {
        writeFileSync(file, whole.subarray(0, end + more))
        const longer = (await readMp4(file)).packets
        expect(longer).toEqual(expect.arrayContaining(packets))
        expect(all).toEqual(expect.arrayContaining(longer))
      }
    }
    expect(before).toBe(all.length)
  })

  it('cut at any byte is repaired up to its last fragment', async () => {
    const sent = repeated(messagesOf('h264-aac'), 5)
    const dir = temporaryFolder()
    await using server = new RecordingServer({ dir, format: 'mp4' })
    await server.publish('live/cam', sent)
    const [recorded] = await server.recorded(1)
    const whole = readFileSync(recorded?.file ?? '')
    const all = framesOfTracks(sent)
    const file = join(dir, 'cut.mp4')
    const counts = new Set<number>()
    for (let size = whole.length; size > 100; size -= Math.ceil(whole.length / 40)) {
      writeFileSync(file, whole.subarray(0, size))
      try {
        const repaired = await repair(file)
        const { packets } = await readMp4(file)
        expect(all).toEqual(expect.arrayContaining(packets))
        expect(repaired.bytes + repaired.cut).toBe(size)
        expect(repaired.duration).toBeGreaterThan(0)
        counts.add(packets.length)
      } catch (error) {
        expect(error).toMatchObject({ code: 'RTMP_ERR_RECORD_EMPTY' })
        counts.add(0)
      }
    }
    expect(counts.has(0)).toBe(true)
    expect(counts.has(all.length)).toBe(true)
    expect(counts.size).toBeGreaterThan(3)
  })
})

describe('the size of the pictures', () => {
  const without = (name: string): RtmpMessage[] =>
    repeated(
      messagesOf(name).filter(({ messageTypeId }) => messageTypeId !== 18),
      3,
    )
  const size = async (sent: readonly RtmpMessage[]): Promise<unknown> => {
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
    await server.publish('live/cam', sent)
    const [recorded] = await server.complete()
    expect(server.failures).toEqual([])
    const bytes = readFileSync(recorded?.file ?? '')
    const handler = bytes.indexOf('vide')
    const header = bytes.lastIndexOf('tkhd', handler)
    const entry = bytes.indexOf('stsd', handler) + 16
    return [
      [bytes.readUInt16BE(header + 80), bytes.readUInt16BE(header + 84)],
      [bytes.readUInt16BE(entry + 28), bytes.readUInt16BE(entry + 30)],
    ]
  }

  it.each(['h264-aac', 'hevc-opus', 'hevc-hdr-eac3', 'av1-flac', 'vp9-ac3'])(
    'is read from the bitstream of %s',
    async name => {
      const said = messagesOf(name).map(({ payload }) => metadataOf(payload))
      const { width, height } = said.find(properties => properties !== undefined) ?? {}
      const wanted = [width, height]
      expect(await size(without(name))).toEqual([wanted, wanted])
      // Whatever the metadata say.
      expect(await size([samples.metadata({ width: 1_000, height: 10 }), ...without(name)])).toEqual([wanted, wanted])
    },
  )

  it('is what the metadata say where the bitstream does not', async () => {
    const wanted = [1_000, 10]
    const sent = [samples.metadata({ width: 1_000, height: 10 }), samples.videoHeader(), samples.keyframe(0)]
    expect(await size(sent)).toEqual([wanted, wanted])
  })
})

describe('what MP4 does not take', () => {
  it.each([
    ['a codec', messagesOf('h263-mp3')],
    ['no size of the pictures', [samples.videoHeader(), samples.keyframe(0), samples.keyframe(2_000)]],
    ['no sequence header', [samples.metadata(), ...[0, 20, 2_000].map(time => samples.audio(time))]],
  ])('%s: told once, and recorded as FLV', async (_, sent) => {
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4', segment: { duration: 500 } })
    await server.publish('live/cam', sent)
    await server.complete()
    expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_RECORD_CODEC' }, streamName: 'cam' }])
    expect(server.files.map(({ format }) => format)).toEqual(server.files.map(() => 'flv'))
    expect(server.files.flatMap(({ file }) => readFlv(file).frames)).toEqual(framesOf(sent))
  })

  it('pictures without keyframes: told, and goes on as FLV without losing one', async () => {
    const large = Array.from({ length: 40 }, (_, index) => samples.interframe(1_100 + index * 40, 2 * 1024 * 1024))
    const video = messagesOf('h264-aac').filter(({ messageTypeId }) => messageTypeId !== 8)
    const head = video.slice(0, 3)
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4', whenSlow: 'backpressure' })
    await server.publish('live/cam', [...head, ...large])
    const files = await server.complete()
    expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_RECORD_FRAGMENT' } }])
    expect(files.map(({ format }) => format)).toEqual(['mp4', 'flv'])
    const { packets } = await readMp4(files[0]?.file ?? '')
    const rest = readFlv(files[1]?.file ?? '').frames
    expect(packets.length + rest.length).toBe(1 + large.length)
    expect(rest).toEqual(framesOf(large).slice(-rest.length))
  })

  it('a new sequence header or track begins a new file at the next keyframe', async () => {
    const sent = repeated(messagesOf('h264-aac'), 3)
    const [one, other] = [sent, messagesOf('hevc-opus')]
    const later = repeated(other, 2).map(message => ({ ...message, timestamp: message.timestamp + 60_000 }))
    await using server = new RecordingServer({ dir: temporaryFolder(), format: 'mp4' })
    await server.publish('live/cam', [...one, ...later])
    const files = await server.complete()
    expect(server.failures).toEqual([])
    const [before, after] = await Promise.all(files.map(({ file }) => readMp4(file)))
    expect(before?.codecs).toEqual(['avc1', 'mp4a'])
    expect(after?.codecs).toEqual(['Opus', 'hvc1'])
    const video = (packets: readonly string[]): string[] => packets.filter(packet => packet.startsWith('video'))
    expect(video(before?.packets ?? [])).toEqual(video(framesOfTracks(one)))
    expect(video(after?.packets ?? [])).toEqual(video(framesOfTracks(later)))
  })
})
