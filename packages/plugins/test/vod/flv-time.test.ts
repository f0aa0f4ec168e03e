import { metadataOf } from '@rtmpipe/flv'
import { take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { all, Cinema } from './support/cinema.ts'
import * as flv from './support/flv.ts'
import { countReads } from './support/reads.ts'

/** Pictures and sound 40 ms apart, a keyframe every 400 ms; two seconds. */
const film = flv.film(50)
const moved = (tags: readonly flv.Tag[], by: number): flv.Tag[] =>
  tags.map(tag => ({ ...tag, timestamp: (tag.timestamp + by) >>> 0 }))
const hour = 3_600_000
const day = 24 * hour
const endOfVideo: flv.Tag = { type: 9, timestamp: 0, body: Buffer.from('1702000000', 'hex') }

const times = (messages: readonly { messageTypeId: number; timestamp: number }[], kind: number) =>
  messages.filter(({ messageTypeId }) => messageTypeId === kind).map(({ timestamp }) => timestamp)
const filmTimes = film.filter(({ type }) => type === 9).map(({ timestamp }) => timestamp)

describe.each([
  ['at an hour', flv.flv(moved([...flv.headers, ...film], hour))],
  ['at an hour, with headers at 0', flv.flv([...flv.headers, ...moved(film, hour)])],
  ['at 40 days, with headers at 0', flv.flv([...flv.headers, ...moved(film, 40 * day)])],
  ['just before timestamps wrap', flv.flv(moved([...flv.headers, ...film], 2 ** 32 - 1_000))],
  ['a moment late', flv.flv(moved([...flv.headers, ...film], 21))],
  [
    'at half a second and says when it ends',
    flv.flv([flv.metadata({ duration: 2.48 }), ...moved([...flv.headers, ...film], 520)]),
  ],
  [
    'at an hour and says when it ends',
    flv.flv([flv.metadata({ duration: 3_602, lasttimestamp: 3_601.96 }), ...moved([...flv.headers, ...film], hour)]),
  ],
  [
    'at an hour and says how long it is',
    flv.flv([
      flv.metadata({ duration: 1.96, lasttimestamp: 3_601.96, keyframes: { filepositions: [1], times: [3_600] } }),
      ...moved([...flv.headers, ...film], hour),
    ]),
  ],
])('a file that begins %s', (_, bytes) => {
  it('has one time: length, metadata and messages begin at 0', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': bytes })
    const client = await cinema.server.connect('vod')
    expect(await client.call('getStreamLength', 'movie')).toBe(1.96)
    const messages = await cinema.playAll('vod/movie')
    const metadata = metadataOf(messages[0]?.payload ?? Buffer.alloc(0))
    expect(metadata).toEqual({ duration: 1.96 })
    expect(times(messages, 9)).toEqual([0, ...filmTimes])
    expect(times(messages, 8)).toEqual([0, ...filmTimes])
  })

  it('is entered by that time', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': bytes })
    const started = await cinema.playAll('vod/movie', { start: 900 })
    expect(times(started, 9)).toEqual([0, ...filmTimes.filter(time => time >= 800).map(time => time - 800)])
    const player = await cinema.play('vod/movie', { bufferLength: 10 })
    await take(player, 4)
    // Messages that nobody reads would hold up the answer.
    const sought = player.seek(1_700)
    player.setBufferLength(1e6)
    const [messages] = await Promise.all([all(player), sought])
    const from = messages.findLastIndex(({ messageTypeId, payload }) => messageTypeId === 9 && payload[1] === 0)
    expect(times(messages.slice(from), 9)).toEqual([1_600, ...filmTimes.filter(time => time >= 1_600)])
  })
})

describe('a film whose clock steps back behind its beginning', () => {
  const half = film.length / 2
  const tagsOf = (first: number, second: number): flv.Tag[] => [
    ...flv.headers,
    ...moved(film.slice(0, half), first),
    ...moved(film.slice(half), second - 1_000),
  ]
  const joined = [0, ...filmTimes.map(time => (time < 1_000 ? time : time - 40))]

  it.each([
    ['to 0', tagsOf(hour, 0)],
    ['as timestamps of 31 bits do', tagsOf(2 ** 31 - 1_000, 0)],
    ['to the time of another encoder', tagsOf(2 * day, hour)],
  ])('%s goes on', async (_, tags) => {
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv(tags) })
    const client = await cinema.server.connect('vod')
    expect(await client.call('getStreamLength', 'movie')).toBe(1.92)
    expect(times(await cinema.playAll('vod/movie'), 9)).toEqual(joined)
    const player = await cinema.playAll('vod/movie', { start: 1_700 })
    expect(times(player, 9)).toEqual([0, ...joined.filter(time => time >= 1_560).map(time => time - 1_560)])
  })

  it('for one frame, or in data, stays', async () => {
    const tags = moved(film, hour).map((tag, place) => (place === 31 ? { ...tag, timestamp: 0 } : tag))
    tags.splice(60, 0, flv.metadata({}))
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv([...flv.headers, ...tags]) })
    const messages = await cinema.playAll('vod/movie')
    expect(times(messages, 9)).toEqual([0, ...filmTimes])
    expect(times(messages, 8)).toEqual([0, ...filmTimes])
    expect(times(messages, 18)).toEqual([0, 1_160])
  })

  it('in one track keeps the pace of both', async () => {
    const tags = film.map(tag => (tag.type === 8 ? { ...tag, timestamp: tag.timestamp + day } : tag))
    const late = [
      ...moved(
        film.filter(({ type }) => type === 8),
        day - 2_000,
      ),
      ...moved(tags, 0),
    ]
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv([...flv.headers, ...late]) })
    const messages = await cinema.playAll('vod/movie')
    expect(times(messages, 9)).toEqual([0, ...filmTimes.map(time => time + 1_960)])
    expect(times(messages, 8).at(-1)).toBe(3_960)
    const sought = await cinema.playAll('vod/movie', { start: 3_000 })
    expect(times(sought, 9).at(-1)).toBe(1_160)
    expect(times(sought, 8).at(-1)).toBe(1_200)
  })
})

describe('the duration', () => {
  const song = Array.from({ length: 500 }, (_, place) => flv.sound(place * 20))

  it.each([
    ['is that of the last frame, with an end of video at 0 behind it', [...flv.headers, ...film, endOfVideo], 1.96],
    ['is not what the metadata say of a longer film', [flv.metadata({ duration: 600 }), ...flv.headers, ...film], 1.96],
    [
      'is not what the metadata say of a shorter film',
      [flv.metadata({ duration: 0.5 }), ...flv.headers, ...film],
      1.96,
    ],
    ['counts the last frame if the metadata do', [flv.metadata({ duration: 2.5 }), ...flv.headers, ...film], 2.5],
    [
      'is that of the sound where its picture comes last',
      [flv.metadata({ duration: 10 }), ...flv.headers, ...song, flv.keyframe(0)],
      10,
    ],
  ])('%s', async (_, tags, seconds) => {
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv(tags) })
    const [metadata] = await cinema.playAll('vod/movie', { duration: 40 })
    expect(metadata && metadataOf(metadata.payload)?.['duration']).toBe(seconds)
  })

  it.each([
    ['that was cut', [flv.metadata({ duration: 600, filesize: 1e9 }), ...flv.headers]],
    ['that is still being written', flv.headers],
  ])('of a file %s is found at its end', async (_, ahead) => {
    const bytes = flv.flv([...ahead, ...flv.film(2_000, 5_000)])
    await using cinema = await Cinema.open({ 'movie.flv': bytes.subarray(0, -3_000) })
    using reads = await countReads()
    const [metadata] = await cinema.playAll('vod/movie', { duration: 40 })
    expect(metadata && metadataOf(metadata.payload)?.['duration']).toBe(79.92)
    expect(reads.bytes).toBeLessThan(bytes.length / 4)
  })
})
