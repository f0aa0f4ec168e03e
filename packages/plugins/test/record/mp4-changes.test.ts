import { isSound } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordOptions } from '../../src/record/index.ts'
import { readFlv } from './support/flv-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { framesOfTracks } from './support/media-messages.ts'
import { type Mp4File, readMp4 } from './support/mp4-file.ts'
import { RecordingServer } from './support/recorded.ts'

async function recorded(sent: readonly RtmpMessage[], options: Partial<RecordOptions> = {}): Promise<Mp4File[]> {
  const dir = temporaryFolder()
  await using server = new RecordingServer({ dir, format: 'mp4', whenSlow: 'backpressure', ...options })
  await server.publish('live/cam', sent)
  const files = await server.complete()
  expect(server.failures).toEqual([])
  return Promise.all(files.map(({ file }) => readMp4(file)))
}

function message(messageTypeId: number, timestamp: number, ...parts: readonly string[]): RtmpMessage {
  const payload = Buffer.concat(parts.map(part => Buffer.from(part.replaceAll(' ', ''), 'hex')))
  return { messageTypeId, messageStreamId: 0, timestamp, payload }
}

const fourCc = (name: string): string => Buffer.from(name, 'latin1').toString('hex')

/** Pictures 40 ms apart with a keyframe a second, from one time to another. */
function pictures(from: number, to: number): RtmpMessage[] {
  const count = (to - from) / 40
  return Array.from({ length: count }, (_, index) => from + index * 40).map(time =>
    time % 1_000 === 0 ? samples.keyframe(time) : samples.interframe(time),
  )
}

/** Sounds 20 ms apart. */
function sounds(from: number, to: number): RtmpMessage[] {
  return Array.from({ length: (to - from) / 20 }, (_, index) => samples.audio(from + index * 20))
}

/** As they would come: what has the same time stays in this order. */
function inOrder(...all: readonly (readonly RtmpMessage[])[]): RtmpMessage[] {
  return all.flat().sort((one, other) => one.timestamp - other.timestamp)
}

const stereo = (time: number): RtmpMessage => message(8, time, 'af00 1210')
const mono = (time: number): RtmpMessage => message(8, time, 'af00 1208')
const head = [samples.metadata(), samples.videoHeader(), stereo(0)]
const kinds = (files: readonly Mp4File[], kind: string): string[] =>
  files.flatMap(({ packets }) => packets.filter(packet => packet.startsWith(kind))).sort()
const allOf = (sent: readonly RtmpMessage[], kind: string): string[] =>
  framesOfTracks(sent).filter(frame => frame.startsWith(kind))

describe('another AudioSpecificConfig', () => {
  it.each([
    ['in the middle of a group of pictures', 2_500],
    ['while the file looks for its tracks', 400],
  ])('%s: its sound is in the next file, from where it began, and nothing is lost', async (_, at) => {
    const sent = inOrder(head, pictures(0, 5_000), sounds(0, at), [mono(at)], sounds(at, 5_000))
    const files = await recorded(sent)
    expect(files).toHaveLength(2)
    for (const kind of ['audio', 'video']) expect(kinds(files, kind)).toEqual(allOf(sent, kind))
    const [before, after] = files
    expect(before?.times.get('audio 1')?.length).toBe(at / 20)
    // The new file begins with the sound; its pictures come with the next keyframe.
    const keyframe = Math.ceil(at / 1_000) * 1_000
    expect(after?.times.get('audio 1')?.slice(0, 3)).toEqual([0, 20, 40])
    expect(after?.times.get('video 1')?.slice(0, 3)).toEqual([0, 40, 80].map(time => keyframe - at + time))
    expect(after?.times.get('audio 1')?.at(-1)).toBe(4_980 - at)
  })

  it('in the last group has a file of its own', async () => {
    const sent = inOrder(head, pictures(0, 3_000), sounds(0, 2_500), [mono(2_500)], sounds(2_500, 3_000))
    const files = await recorded(sent)
    expect(files.map(({ codecs }) => codecs)).toEqual([['avc1', 'mp4a'], ['mp4a']])
    for (const kind of ['audio', 'video']) expect(kinds(files, kind)).toEqual(allOf(sent, kind))
    expect(files[1]?.times.get('audio 1')?.slice(0, 2)).toEqual([0, 20])
  })

  it('of sound alone begins a file at once', async () => {
    const sent = [stereo(0), ...sounds(0, 2_300), mono(2_300), ...sounds(2_300, 4_000)]
    const files = await recorded(sent)
    expect(files.map(({ packets }) => packets.length)).toEqual([115, 85])
  })

  it('is none if it is the same again, says nothing, or is taken back', async () => {
    const nothing = [message(8, 1_500, 'af00'), message(9, 1_500, '17 00 000000'), message(9, 1_500, '17 00 000000 01')]
    const back = [mono(2_500), stereo(2_500)]
    const sent = inOrder(
      head,
      pictures(0, 4_000),
      sounds(0, 4_000),
      [stereo(1_500), samples.videoHeader(1_500)],
      nothing,
      back,
    )
    const files = await recorded(sent)
    expect(files).toHaveLength(1)
    for (const kind of ['audio', 'video']) expect(kinds(files, kind)).toEqual(allOf(sent, kind))
  })

  it('of which another one comes before the next keyframe is not mixed up with that', async () => {
    const other = (time: number): RtmpMessage => message(8, time, 'af00 1190')
    const sent = inOrder(head, pictures(0, 4_000), [
      ...sounds(0, 2_200),
      mono(2_200),
      ...sounds(2_200, 2_600),
      other(2_600),
      ...sounds(2_600, 4_000),
    ])
    const files = await recorded(sent)
    expect(files).toHaveLength(2)
    expect(kinds(files, 'audio')).toEqual(allOf([...sounds(0, 2_200), ...sounds(2_600, 4_000)], 'audio'))
  })
})

it('an empty header is not repeated at the beginning of the next file either', async () => {
  const sent = inOrder(
    head,
    pictures(0, 3_000),
    [message(9, 500, '17 00 000000'), message(8, 500, 'af00')],
    sounds(0, 3_000),
  )
  const files = await recorded(sent, { segment: { duration: 1_000 } })
  expect(files.map(({ codecs }) => codecs)).toEqual(Array.from({ length: 3 }, () => ['avc1', 'mp4a']))
  // In FLV as well, where everything is written as it comes.
  const dir = temporaryFolder()
  await using server = new RecordingServer({ dir, segment: { duration: 1_000 } })
  await server.publish('live/cam', sent)
  const [, second] = await server.complete()
  const { messages } = readFlv(second?.file ?? '')
  expect(messages.slice(1, 3).map(({ payload }) => payload.toString('hex'))).toEqual(
    [samples.videoHeader(), stereo(0)].map(({ payload }) => payload.toString('hex')),
  )
})

it('a sequence header that comes behind the first sound is in time', async () => {
  const sent = inOrder(
    [samples.metadata(), samples.videoHeader()],
    pictures(0, 2_000),
    sounds(0, 100),
    [stereo(100)],
    sounds(100, 2_000),
  )
  const [file, more] = await recorded(sent)
  expect(file?.codecs).toEqual(['avc1', 'mp4a'])
  expect(more).toBeUndefined()
  // What came before it can't be decoded.
  expect(file?.times.get('audio 1')?.slice(0, 2)).toEqual([100, 120])
})

it.each([
  ['Opus of two channels and of six', opusHead(2), opusHead(6), 'Opus'],
  ['FLAC of 44.1 and 48 kHz', flacHead(44_100), flacHead(48_000), 'fLaC'],
])('%s are in two files', async (_, one, other, codec) => {
  const header = (config: string, time: number): RtmpMessage => message(8, time, '90', fourCc(codec), config)
  const sound = (time: number): RtmpMessage => message(8, time, '91', fourCc(codec), '010203')
  const times = Array.from({ length: 100 }, (_, index) => index * 20)
  const sent = [header(one, 0), ...times.map(sound), header(other, 2_000), ...times.map(time => sound(time + 2_000))]
  const files = await recorded(sent)
  expect(files.map(({ packets }) => packets.length)).toEqual([100, 100])
})

it('MP3 of another sample rate, or another codec without a header, is in another file', async () => {
  const mp3 = (rate: number) => (time: number) => message(8, time, '2f', `fffb9${rate}64`, '00'.repeat(60))
  const ac3 = (time: number): RtmpMessage =>
    message(8, time, '91', fourCc('ac-3'), '0b77 0000 1440 4300', '00'.repeat(60))
  const times = Array.from({ length: 60 }, (_, index) => index * 26)
  const sent = [mp3(0), mp3(4), ac3].flatMap((frame, place) => times.map(time => frame(time + place * 1_560)))
  const files = await recorded(sent)
  expect(files.map(({ codecs }) => codecs)).toEqual([['mp3'], ['mp3'], ['ac-3']])
  expect(files.map(({ packets }) => packets.length)).toEqual([60, 60, 60])
})

it('a second track whose header changes begins a file with the next keyframe of the first, and nothing is lost', async () => {
  const track1 = (time: number, first: string, kind: string, ...body: readonly string[]): RtmpMessage =>
    message(9, time, first, kind, fourCc('avc1'), '01', ...body)
  const header = (time: number, level: string): RtmpMessage => track1(time, '96', '00', `0142c0${level}ffe00000`)
  const group = (from: number, to: number): RtmpMessage[] =>
    Array.from({ length: (to - from) / 40 }, (_, index) =>
      track1(from + index * 40, index === 0 ? '96' : 'a6', '03', '00000003 41 9a', from.toString(16).padStart(4, '0')),
    )
  const second = [header(0, '0d'), ...group(0, 1_520), header(1_520, '1e'), ...group(1_520, 3_000)]
  const sent = inOrder(head, pictures(0, 3_000), second, sounds(0, 3_000))
  const files = await recorded(sent)
  expect(files.map(({ codecs }) => codecs)).toEqual([1, 2].map(() => ['avc1', 'avc1', 'mp4a']))
  for (const kind of ['audio', 'video']) expect(kinds(files, kind)).toEqual(allOf(sent, kind))
  expect(files.map(({ times }) => times.get('video 2')?.length)).toEqual([38, 37])
  // The keyframe of the first comes later, and so does its track.
  expect(files[1]?.times.get('video 1')?.[0]).toBe(2_000 - 1_520)
})

it('tracks that do not count from 0 are recorded as well', async () => {
  const track = (id: string, time: number, first: string, kind: string, body: string): RtmpMessage =>
    message(9, time, first, kind, fourCc('avc1'), id, body)
  const frames = (time: number): RtmpMessage[] =>
    ['02', '03'].map(id => track(id, time, time % 200 === 0 ? '96' : 'a6', '03', `00000003 41 9a ${id}`))
  const headers = ['02', '03'].map(id => track(id, 0, '96', '00', '0142c00dffe000'))
  const sent = [samples.metadata(), ...headers, ...Array.from({ length: 50 }, (_, index) => frames(index * 40)).flat()]
  const files = await recorded(sent, { segment: { duration: 1_000 } })
  expect(files.map(({ times }) => [...times.values()].map(({ length }) => length))).toEqual([
    [25, 25],
    [25, 25],
  ])
})

it('parameter sets of a keyframe hold for the keyframes after it', async () => {
  const sets = ['6742c00dd901519e226c0440000003004000000c83c50a92', '68cb83cb20']
  const units = sets.map(unit => (unit.length / 2).toString(16).padStart(8, '0') + unit).join('')
  const frame = (time: number, isFirst: boolean): RtmpMessage =>
    message(9, time, '17 01 000000', isFirst ? units : '', '00000003 65 88 84')
  const sent = [
    samples.metadata({ width: 16, height: 16 }),
    ...[0, 500, 1_000, 1_500].map(time => frame(time, time === 0)),
  ]
  const files = await recorded(sent)
  expect(files.map(({ packets }) => packets.length)).toEqual([4])
})

describe('clocks that are hours apart', () => {
  it.each(['flv', 'mp4'] as const)(
    'keep sound and pictures at their own pace in %s, over jumps of one of them',
    async format => {
      const dir = temporaryFolder()
      await using server = new RecordingServer({ dir, format, whenSlow: 'backpressure' })
      const jump = (time: number): number => (time < 1_500 ? 7_200_000 : 40_000) + time
      const sent = inOrder(head, pictures(0, 3_000), sounds(0, 3_000)).map(it =>
        isSound(it) ? { ...it, timestamp: jump(it.timestamp) } : it,
      )
      await server.publish('live/cam', sent)
      const [recorded] = await server.complete()
      const path = recorded?.file ?? ''
      const timesOf = (type: number): number[] =>
        readFlv(path)
          .messages.filter(it => it.messageTypeId === type && it.payload[1] === 1)
          .map(({ timestamp }) => timestamp)
      const times =
        format === 'mp4'
          ? (await readMp4(path)).times
          : new Map([
              ['audio 1', timesOf(8)],
              ['video 1', timesOf(9)],
            ])
      expect(times.get('video 1')).toEqual(Array.from({ length: 75 }, (_, index) => index * 40))
      const sounded = times.get('audio 1') ?? []
      expect(sounded).toHaveLength(150)
      const late = sounded.map((time, index) => Math.abs(time - index * 20))
      expect(Math.max(...late)).toBeLessThanOrEqual(20)
    },
  )
})

it('whatever changes in whatever order, no file mixes configurations of a track, and no time runs backwards', async () => {
  const change = fc.constantFrom('picture', 'keyframe', 'sound', 'picture 2', 'keyframe 2') as fc.Arbitrary<Step>
  const rare = fc.constantFrom<Step>(
    'header',
    'sound header',
    'header 2',
    'later',
    'sound later',
    'sound earlier',
    'jump',
  )
  const steps = fc.array(fc.tuple(fc.oneof({ weight: 8, arbitrary: change }, rare), fc.nat(3)), {
    minLength: 50,
    maxLength: 300,
  })
  const property = fc.asyncProperty(steps, fc.boolean(), async (all, isCut) => {
    const files = await recorded(messagesOf(all), isCut ? { segment: { duration: 900 } } : {})
    for (const { samples: tracks, times } of files) {
      // The byte that every frame has of its configuration.
      for (const data of tracks.values()) expect(new Set(data.map(frame => frame.slice(-6, -4))).size).toBe(1)
      for (const list of times.values()) expect(list.toSorted((one, other) => one - other)).toEqual(list)
    }
  })
  await fc.assert(property, { numRuns: 60 })
})

type Step =
  | 'picture'
  | 'keyframe'
  | 'sound'
  | 'picture 2'
  | 'keyframe 2'
  | 'header'
  | 'sound header'
  | 'header 2'
  | 'later'
  | 'sound later'
  | 'sound earlier'
  | 'jump'

/** Two tracks of pictures and one of sound; each frame ends with the number of its configuration and its own. */
function messagesOf(steps: readonly (readonly [step: Step, choice: number])[]): RtmpMessage[] {
  const configs = { first: 0, second: 0, sound: 0 }
  let [pictureTime, soundTime] = [0, 0]
  const byte = (value: number): string => value.toString(16).padStart(2, '0')
  const record = (config: number): string => `0142c0${byte(0x10 + config)}ffe000`
  const second = (first: string, kind: string, body: string): RtmpMessage =>
    message(9, pictureTime, first, kind, fourCc('avc1'), '01', body)
  const headers = {
    first: (): RtmpMessage => message(9, pictureTime, '1700000000', record(configs.first)),
    second: (): RtmpMessage => second('96', '00', record(configs.second)),
    sound: (): RtmpMessage => message(8, soundTime, 'af00 12', byte(8 * (configs.sound + 1))),
  }
  const frame = (config: number, number: number): string =>
    `00000003${byte(config)}${number.toString(16).padStart(4, '0')}`
  const start = [
    samples.metadata(),
    headers.first(),
    headers.second(),
    headers.sound(),
    message(9, 0, '1701000000', frame(0, 0)),
  ]
  return steps.reduce<RtmpMessage[]>((sent, [step, choice], number) => {
    const next = (): RtmpMessage | undefined => {
      switch (step) {
        case 'picture':
        case 'keyframe':
          pictureTime += 40
          return message(9, pictureTime, step === 'picture' ? '2701000000' : '1701000000', frame(configs.first, number))
        case 'picture 2':
        case 'keyframe 2':
          return second(step === 'picture 2' ? 'a6' : '96', '03', frame(configs.second, number))
        case 'sound':
          soundTime += 23
          return message(8, soundTime, 'af01', frame(configs.sound, number))
        case 'header':
          configs.first = choice
          return headers.first()
        case 'header 2':
          configs.second = choice
          return headers.second()
        case 'sound header':
          configs.sound = choice
          return headers.sound()
        case 'later':
        case 'jump':
          pictureTime += step === 'later' ? 700 : 20_000
          return undefined
        default:
          soundTime = Math.max(0, soundTime + (step === 'sound later' ? 700 : -300))
          return undefined
      }
    }
    const one = next()
    return one === undefined ? sent : [...sent, one]
  }, start)
}

function opusHead(channels: number): string {
  return `4f70757348656164 01 ${channels.toString(16).padStart(2, '0')} 3801 80bb0000 0000 00`
}

function flacHead(rate: number): string {
  const info = Buffer.alloc(34)
  info.writeUInt32BE(rate * 4096 + (1 << 9) + (15 << 4), 10)
  return info.toString('hex')
}
