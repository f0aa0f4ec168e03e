import type { AmfObject } from '@rtmpipe/amf'
import { describe, expect, it } from 'vitest'
import { Cinema } from './support/cinema.ts'
import * as flv from './support/flv.ts'
import { countReads } from './support/reads.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const video = (timestamp: number, body: Buffer): flv.Tag => ({ type: 9, timestamp, body })
const audio = (timestamp: number, body: Buffer): flv.Tag => ({ type: 8, timestamp, body })
const [firstVideo, firstAudio] = [video(0, flv.videoHeader), audio(0, flv.audioHeader)]
/** Of encoders with other settings. */
const otherVideo = video(0, hex('17000000000142c01effe1000b6742c01ed9005005ba10000000000001000568cb83cb20'))
const otherAudio = audio(0, hex('af001310'))

/** Pictures and sound from one time up to another, 40 ms apart, with a keyframe every 400 ms. */
function film(from: number, to: number, kinds = 'va'): flv.Tag[] {
  const times = Array.from({ length: (to - from) / 40 }, (_, place) => from + place * 40)
  return times.flatMap(time => [
    ...(kinds.includes('v') ? [time % 400 === 0 ? flv.keyframe(time) : flv.interframe(time)] : []),
    ...(kinds.includes('a') ? [flv.sound(time)] : []),
  ])
}

interface Index {
  readonly filepositions: number[]
  readonly times: number[]
}

/** A file whose metadata have an index, right or not. */
function indexed(tags: readonly flv.Tag[], change: (index: Index) => AmfObject = index => ({ ...index })): Buffer {
  const places = tags.flatMap(({ type, body }, place) =>
    type === 9 && body[0] === 0x17 && body[1] === 1 ? [place] : [],
  )
  const times = places.map(place => (tags[place]?.timestamp ?? 0) / 1000)
  const metadata = (length: number): flv.Tag => {
    const at = flv.positions([video(0, Buffer.alloc(length)), ...tags]).slice(1)
    const keyframes = change({ filepositions: places.map(place => at[place] ?? 0), times })
    return flv.metadata({ duration: (tags.at(-1)?.timestamp ?? 0) / 1000, keyframes })
  }
  return flv.flv([metadata(metadata(0).body.length), ...tags])
}

/** The bodies that come first when playing starts at a time, up to the first picture, or sound where there are none. */
async function begun(file: Buffer, start: number): Promise<string[]> {
  await using cinema = await Cinema.open({ 'movie.flv': file })
  const messages = (await cinema.playAll('vod/movie', { start, duration: 40 })).slice(1)
  const first = messages.findIndex(({ messageTypeId, payload }) => messageTypeId === 9 && payload[1] !== 0)
  return told(messages.slice(0, first < 0 ? 3 : first + 1).map(({ payload }) => payload))
}

const told = (bodies: readonly Buffer[]): string[] => bodies.map(body => body.toString('hex', 0, 24))
const bodies = (...tags: readonly flv.Tag[]): string[] => told(tags.map(({ body }) => body))

describe.each([
  ['without an index', (tags: readonly flv.Tag[]) => flv.flv(tags)],
  ['with an index', (tags: readonly flv.Tag[]) => indexed(tags)],
])('headers in force, in a file %s:', (_, make) => {
  it('the last of each kind before', async () => {
    const changed = [
      firstVideo,
      firstAudio,
      ...film(0, 800),
      otherVideo,
      ...film(800, 1_600),
      otherAudio,
      ...film(1_600, 2_400),
      firstVideo,
      ...film(2_400, 3_200),
    ]
    const file = make(changed)
    expect(await begun(file, 500)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(400)))
    expect(await begun(file, 1_500)).toEqual(bodies(firstAudio, otherVideo, flv.keyframe(1_200)))
    expect(await begun(file, 2_300)).toEqual(bodies(otherVideo, otherAudio, flv.keyframe(2_000)))
    expect(await begun(file, 3_000)).toEqual(bodies(otherAudio, firstVideo, flv.keyframe(2_800)))
  })

  it('of sound that begins late', async () => {
    const late = [firstVideo, ...film(0, 40_000, 'v'), { ...firstAudio, timestamp: 40_000 }, ...film(40_000, 44_000)]
    expect(await begun(make(late), 42_100)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(42_000)))
    expect(await begun(make(late), 20_000)).toEqual(bodies(firstVideo, flv.keyframe(20_000)))
  })

  it('of pictures that begin late', async () => {
    const late = [firstAudio, ...film(0, 40_000, 'a'), { ...firstVideo, timestamp: 40_000 }, ...film(40_000, 44_000)]
    expect(await begun(make(late), 42_100)).toEqual(bodies(firstAudio, firstVideo, flv.keyframe(42_000)))
    expect(await begun(make(late), 20_000)).toEqual(bodies(firstAudio, flv.sound(20_000)))
  })

  it('of several tracks', async () => {
    const track = (id: number, packet: string, rest: string, frame = '9'): flv.Tag =>
      video(0, hex(`${frame}60${packet}61766331${`0${id}`}${rest}`))
    const [main, second, changed] = [track(0, '0', '0164'), track(1, '0', '0142'), track(1, '0', '014d')]
    const picture = (id: number, time: number): flv.Tag => ({
      ...track(id, '1', `000000${time.toString(16).padStart(8, '0')}`, time % 400 === 0 ? '9' : 'a'),
      timestamp: time,
    })
    const pictures = (from: number): flv.Tag[] =>
      Array.from({ length: 20 }, (__, place) => [0, 1].map(id => picture(id, from + place * 40))).flat()
    const file = make([main, second, ...pictures(0), changed, ...pictures(800), ...pictures(1_600)])
    // Of keyframes of one time, playing begins with that of the first track.
    expect(await begun(file, 500)).toEqual(bodies(main, second, picture(0, 400)))
    expect(await begun(file, 1_300)).toEqual(bodies(main, changed, picture(0, 1_200)))
  })

  it('that are repeated with every keyframe, and one that is empty', async () => {
    const groups = Array.from({ length: 3_000 }, (__, place) => [firstVideo, firstAudio, flv.keyframe(place * 400)])
    const file = make([
      ...groups.flat(),
      otherVideo,
      flv.keyframe(1_200_000),
      video(0, hex('1700000000')),
      flv.keyframe(1_200_400),
    ])
    expect(await begun(file, 1_199_000)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(1_198_800)))
    expect(await begun(file, 1_200_400)).toEqual(bodies(firstAudio, otherVideo, flv.keyframe(1_200_400)))
  })
})

describe('an index that is wrong', () => {
  const tags = [firstVideo, firstAudio, ...film(0, 8_000)]
  const by =
    (bytes: number) =>
    (index: Index): AmfObject => ({
      ...index,
      filepositions: index.filepositions.map(position => position + bytes),
    })

  it.each([
    [
      'ends early',
      ({ filepositions, times }: Index) => ({ filepositions: filepositions.slice(0, 4), times: times.slice(0, 4) }),
    ],
    [
      'begins late',
      ({ filepositions, times }: Index) => ({ filepositions: filepositions.slice(8), times: times.slice(8) }),
    ],
    [
      'has every fourth',
      ({ filepositions, times }: Index) => {
        const some = <T>(list: T[]): T[] => list.filter((_, place) => place % 4 === 0)
        return { filepositions: some(filepositions), times: some(times) }
      },
    ],
    [
      'has milliseconds',
      ({ filepositions, times }: Index) => ({ filepositions, times: times.map(time => time * 1_000) }),
    ],
    ['is 4 bytes before', by(-4)],
    ['is 4 bytes behind', by(4)],
    ['is 13 bytes before', by(-13)],
    ['is a tag behind', by(415)],
    [
      'is a keyframe behind',
      ({ filepositions, times }: Index) => ({ filepositions: filepositions.slice(1), times: times.slice(0, -1) }),
    ],
    [
      'is a keyframe before',
      ({ filepositions, times }: Index) => ({ filepositions: filepositions.slice(0, -1), times: times.slice(1) }),
    ],
    ['has other times', ({ filepositions, times }: Index) => ({ filepositions, times: times.map(time => time / 2) })],
    ['is empty', () => ({ filepositions: [], times: [] })],
  ])('since it %s: a seek lands on the last keyframe before', async (_, change) => {
    const file = indexed(tags, change)
    for (const [wanted, found] of [
      [450, 400],
      [2_000, 2_000],
      [3_999, 3_600],
      [7_900, 7_600],
      [1e9, 7_600],
    ] as const) {
      expect(await begun(file, wanted), `${wanted}`).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(found)))
    }
  })
})

describe('the beginning of a file', () => {
  it('may be any number of data messages', async () => {
    const notes = Array.from({ length: 1_000 }, () => ({ ...flv.metadata({}), body: hex('020006637565506f696e74') }))
    const file = flv.flv([...notes.map(tag => ({ ...tag, type: 18 as const })), firstVideo, ...film(0, 2_000, 'v')])
    expect(await begun(file, 900)).toEqual(bodies(firstVideo, flv.keyframe(800)))
  })

  it('may be before the first keyframe', async () => {
    const cut = [firstVideo, firstAudio, ...film(40, 2_000)]
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv(cut) })
    expect((await cinema.playAll('vod/movie', { start: 200 }))[3]?.payload).toEqual(flv.interframe(40).body)
    expect(await begun(flv.flv(cut), 400)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(400)))
  })
})

describe('a time that steps', () => {
  const before = [firstVideo, firstAudio, ...film(0, 2_000)]

  it('into the future for one picture does not hide those behind it', async () => {
    const slip = { ...flv.keyframe(2_000), timestamp: 90_000_000 }
    const file = flv.flv([...before, slip, ...film(2_400, 4_000)])
    for (const wanted of [2_500, 3_700]) {
      const found = wanted - (wanted % 400)
      expect(await begun(file, wanted)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(found)))
    }
  })

  it('back does not hide what is before it', async () => {
    const file = flv.flv([...before, ...film(0, 1_200)])
    expect(await begun(file, 1_700)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(1_600)))
    expect(await begun(file, 500)).toEqual(bodies(firstVideo, firstAudio, flv.keyframe(400)))
  })
})

it('is looked through once for all, and no further than somebody seeks', async () => {
  const long = flv.flv([firstVideo, firstAudio, ...flv.film(2_000, 5_000)])
  await using cinema = await Cinema.open({ 'movie.flv': long })
  const seek = (start: number) => cinema.playAll('vod/movie', { start, duration: 40 })
  using reads = await countReads()
  await seek(8_000)
  expect(reads.bytes).toBeLessThan(long.length / 4)
  await Promise.all(Array.from({ length: 50 }, (_, place) => seek(78_000 - place)))
  expect(reads.bytes).toBeLessThan(1.2 * long.length)
})

it('headers beyond all measure are left out', async () => {
  const track = (id: number): flv.Tag =>
    audio(0, Buffer.concat([hex('9500'), Buffer.from('mp4a'), Buffer.from([id]), Buffer.alloc(500_000, 1)]))
  const file = flv.flv([
    firstVideo,
    firstAudio,
    ...Array.from({ length: 60 }, (_, id) => track(id + 1)),
    ...film(0, 2_000),
  ])
  await using cinema = await Cinema.open({ 'movie.flv': file })
  const messages = await cinema.playAll('vod/movie', { start: 1_000, duration: 40 })
  expect(told(messages.slice(1, 3).map(({ payload }) => payload))).toEqual(bodies(firstVideo, firstAudio))
  const size = messages.reduce((sum, { payload }) => sum + payload.length, 0)
  expect(size).toBeGreaterThan(1_500_000)
  expect(size).toBeLessThan(2_200_000)
})
