import { metadataOf } from '@rtmpipe/flv'
import { take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import * as flv from './support/flv.ts'
import { all, Cinema, essence } from './support/cinema.ts'
import { countReads } from './support/reads.ts'

const film = flv.film(50)
const properties = { duration: 2, width: 320 }
const tags = [flv.metadata(properties), ...flv.headers, ...film]
const files = { 'movie.flv': flv.flv(tags) }

/** What comes from a time on, which begins then. */
function excerpt(from: number): flv.Tag[] {
  return film.filter(({ timestamp }) => timestamp >= from).map(tag => ({ ...tag, timestamp: tag.timestamp - from }))
}

describe('FLV', () => {
  it.each(['vod/movie', 'vod/movie.flv', 'vod/flv:movie', 'vod/flv:movie.flv', 'vod/movie?token=1'])(
    'plays %s message by message',
    async path => {
      await using cinema = await Cinema.open(files)
      const player = await cinema.play(path)
      expect(player.isRecorded).toBe(true)
      expect(essence(await all(player))).toEqual(essence(tags))
    },
  )

  it('is found in a folder, however the client divides the path', async () => {
    await using cinema = await Cinema.open({ 'a/b/movie.flv': files['movie.flv'] })
    for (const path of ['vod/a/b/movie', 'vod/a/b/movie.flv']) {
      expect(await cinema.playAll(path)).toHaveLength(tags.length)
    }
    const client = await cinema.server.connect('vod')
    expect(await all(await client.play('a/b/movie', { bufferLength: 1e6 }))).toHaveLength(tags.length)
  })

  it.each([
    ['without metadata', [...flv.headers, ...film]],
    ['with metadata that do not say it', [flv.metadata({ width: 320, duration: 0 }), ...flv.headers, ...film]],
  ])('tells the duration of a file %s', async (_, tags) => {
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv(tags) })
    const [first, ...rest] = await cinema.playAll('vod/movie')
    expect(first && metadataOf(first.payload)?.['duration']).toBe(1.96)
    expect(essence(rest)).toEqual(essence([...flv.headers, ...film]))
  })

  it('tells the duration of a file that lacks its end', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': flv.flv([...flv.headers, ...film]).subarray(0, -30) })
    const messages = await cinema.playAll('vod/movie')
    expect(messages[0] && metadataOf(messages[0].payload)?.['duration']).toBe(1.96)
    expect(essence(messages.slice(1))).toEqual(essence([...flv.headers, ...film].slice(0, -1)))
  })

  it('answers getStreamLength', async () => {
    await using cinema = await Cinema.open(files)
    const client = await cinema.server.connect('vod')
    expect(await client.call('getStreamLength', 'movie?x=1')).toBe(2)
    expect(await client.call('getStreamLength', 'mp4:movie.mp4')).toBe(0)
    expect(await (await cinema.server.connect('live')).call('getStreamLength', 'movie')).toBe(0)
  })
})

const at = flv.positions(tags)
const keyframes = tags.flatMap((tag, index) =>
  tag.type === 9 && tag.body[1] === 1 && tag.body[0] === 0x17 ? [index] : [],
)
const index = {
  filepositions: keyframes.map(place => at[place] ?? 0),
  times: keyframes.map(place => (tags[place]?.timestamp ?? 0) / 1000),
}
/** The index is in the metadata, which thereby are longer: once to know by how much, once more with that. */
function indexed(change: (position: number) => number): Buffer {
  const first = flv.metadata({ ...properties, keyframes: index })
  const longer = first.body.length - (tags[0]?.body.length ?? 0)
  const keyframesMoved = { ...index, filepositions: index.filepositions.map(position => change(position + longer)) }
  return flv.flv([flv.metadata({ ...properties, keyframes: keyframesMoved }), ...tags.slice(1)])
}

describe.each([
  ['no index', files['movie.flv']],
  ['an index', indexed(position => position)],
  ['a wrong index', indexed(position => position + 1)],
  [
    'an index without sense',
    flv.flv([flv.metadata({ ...properties, keyframes: { filepositions: ['x'], times: 7 } }), ...tags.slice(1)]),
  ],
])('of a file with %s', (name, bytes) => {
  it('starts at the keyframe before, with headers, and time begins there', async () => {
    await using cinema = await Cinema.open({ 'movie.flv': bytes })
    const [data, ...messages] = await cinema.playAll('vod/movie', { start: 1_000 })
    expect([data?.messageTypeId, data?.timestamp]).toEqual([18, 0])
    expect(essence(messages)).toEqual(essence([...flv.headers, ...excerpt(800)]))
  })

  it.each([
    [0, 0],
    [399, 0],
    [400, 400],
    [799, 400],
    [1_999, 1_600],
    [1e9, 1_600],
  ])('seeks %i to %i', async (wanted, found) => {
    await using cinema = await Cinema.open({ 'movie.flv': bytes })
    // So little is sent that the server is not at the end.
    const player = await cinema.play('vod/movie', { bufferLength: 10 })
    await take(player, 4)
    // Messages that nobody reads would hold up the answer.
    const sought = player.seek(wanted)
    player.setBufferLength(1e6)
    const [messages] = await Promise.all([all(player), sought])
    const from = messages.findIndex(({ messageTypeId, payload }) => messageTypeId === 9 && payload[1] === 0)
    const headers = flv.headers.map(tag => ({ ...tag, timestamp: found }))
    const rest = film.filter(({ timestamp }) => timestamp >= found)
    expect(essence(messages.slice(from))).toEqual(essence([...headers, ...rest]))
  })

  if (name === 'an index')
    it('does not read it all to find a place', async () => {
      const padding = flv.film(20_000, 500).map(tag => ({ ...tag, timestamp: tag.timestamp + 2_000 }))
      await using cinema = await Cinema.open({ 'movie.flv': Buffer.concat([bytes, flv.flv(padding).subarray(13)]) })
      using reads = await countReads()
      const player = await cinema.play('vod/movie', { start: 1_000, bufferLength: 10 })
      await take(player, 3)
      expect(reads.bytes).toBeLessThan(512 * 1024)
    })
})

it('plays the headers that are in force where it goes', async () => {
  const other = Buffer.concat([flv.videoHeader, Buffer.from('00')])
  const changed = [
    ...tags,
    { type: 9, timestamp: 2_000, body: other } as const,
    flv.keyframe(2_000),
    flv.keyframe(2_400),
  ]
  await using cinema = await Cinema.open({ 'movie.flv': flv.flv(changed) })
  const [, ...messages] = await cinema.playAll('vod/movie', { start: 2_400 })
  const sent = [flv.headers[1], { type: 9, timestamp: 0, body: other } as const].flatMap(tag => tag ?? [])
  expect(essence(messages)).toEqual(essence([...sent, { ...flv.keyframe(2_400), timestamp: 0 }]))
})

it('goes by the second in a file of sound alone', async () => {
  const sounds = Array.from({ length: 200 }, (_, place) => flv.sound(place * 23))
  await using cinema = await Cinema.open({ 'song.flv': flv.flv([...flv.headers.slice(1), ...sounds]) })
  const messages = await cinema.playAll('vod/song', { start: 3_000 })
  expect(messages[2]?.payload).toEqual(flv.sound(88 * 23).body)
  expect(messages.at(-1)?.timestamp).toBe((199 - 88) * 23)
})

it('plays as long as is asked for', async () => {
  await using cinema = await Cinema.open(files)
  const messages = await cinema.playAll('vod/movie', { start: 400, duration: 200 })
  expect(essence(messages.slice(3))).toEqual(essence(excerpt(400).filter(({ timestamp }) => timestamp < 200)))
})

it('pauses and goes on', async () => {
  await using cinema = await Cinema.open(files)
  const player = await cinema.play('vod/movie', { bufferLength: 1 })
  const before = await take(player, 4)
  await player.pausePlay(true)
  await player.pausePlay(false)
  player.setBufferLength(1e6)
  expect(essence([...before, ...(await all(player))])).toEqual(essence(tags))
})

it('plays one after the other', async () => {
  await using cinema = await Cinema.open({ ...files, 'second.flv': flv.flv([...flv.headers, ...flv.film(3)]) })
  const player = await cinema.play('vod/movie')
  player.append('second')
  const messages = await all(player)
  expect(essence(messages.slice(tags.length + 2))).toEqual(essence([...flv.headers, ...flv.film(3)]))
})

it('is read once for 200 players', async () => {
  const long = flv.flv([...flv.headers, ...flv.film(100, 10_000)])
  await using cinema = await Cinema.open({ 'movie.flv': long })
  using reads = await countReads()
  const lengths = await Promise.all(Array.from({ length: 200 }, async () => (await cinema.playAll('vod/movie')).length))
  expect(new Set(lengths)).toEqual(new Set([203]))
  expect(reads.bytes).toBe(long.length)
})
