import { metadataOf } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { take } from '@rtmpipe/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, Cinema } from './support/cinema.ts'
import { audioHeader, videoHeader } from './support/flv.ts'
import { aacEntry, avcEntry, fragmentedMp4, tableMp4, type TestTrack } from './support/mp4.ts'

/** Order of showing of pictures in their order of decoding: I, P, two Bs of which the second is needed by the first. */
const order = [0, 4, 2, 1, 3]
const pictures = 50

/** 40 ms a picture, a keyframe every tenth. */
const times = Array.from({ length: pictures }, (_, place) => Math.floor(place / 5) * 5 + (order[place % 5] ?? 0))

/** Pictures are decoded 80 ms before they are shown, which is what their order needs. */
const video: TestTrack = {
  kind: 'vide',
  timescale: 1_000,
  entries: [avcEntry()],
  samples: times.map((time, place) => ({
    duration: 40,
    offset: (time - place) * 40 + 80,
    isSync: place % 10 === 0,
    data: picture(place),
  })),
}

const audio: TestTrack = {
  kind: 'soun',
  timescale: 44_100,
  entries: [aacEntry()],
  samples: Array.from({ length: 86 }, (_, place) => ({ duration: 1_024, data: sound(place) })),
}

function picture(place: number): Buffer {
  return Buffer.from([0, 0, 0, 4, place % 10 === 0 ? 0x65 : 0x41, place, 1, 2])
}

function sound(place: number): Buffer {
  return Buffer.from([0xde, place, place])
}

/** What was put in for a coded message: kind and place. */
function placeOf({ messageTypeId, payload }: RtmpMessage): string {
  return messageTypeId === 9 ? `video ${payload[10]}` : `audio ${payload[3]}`
}

const isCoded = ({ messageTypeId, payload }: RtmpMessage) => messageTypeId !== 18 && payload[1] === 1
const videoOf = (messages: readonly RtmpMessage[]) => messages.filter(({ messageTypeId }) => messageTypeId === 9)

const files: Record<string, Buffer> = {
  'film.mp4': tableMp4([video, audio]),
  'fragmented.mp4': fragmentedMp4([video, audio], 400),
  'indexed.mp4': fragmentedMp4([video, audio], 400, { indexed: true }),
  'untimed.mp4': fragmentedMp4([video, audio], 400, { timed: false }),
  'hybrid.mp4': fragmentedMp4([video, audio], 400, { inTables: 800 }),
  'song.m4a': tableMp4([audio]),
}

describe.each(['film', 'fragmented', 'indexed', 'untimed', 'hybrid'])('%s.mp4', name => {
  it('is played with metadata, headers, every frame in order and at its time', async () => {
    await using cinema = await Cinema.open(files)
    const [metadata, ...messages] = await cinema.playAll(`vod/mp4:${name}`)
    expect(metadata && metadataOf(metadata.payload)).toMatchObject({
      width: 320,
      height: 180,
      videocodecid: 7,
      audiocodecid: 10,
      audiosamplerate: 44_100,
      stereo: true,
      duration: expect.closeTo(2.08, 1) as number,
    })
    expect(messages.slice(0, 2).map(({ payload }) => payload)).toEqual([videoHeader, audioHeader])
    const coded = messages.filter(isCoded)
    expect(coded.filter(({ messageTypeId }) => messageTypeId === 9).map(placeOf)).toEqual(
      times.map((_, place) => `video ${place}`),
    )
    expect(coded.filter(({ messageTypeId }) => messageTypeId === 8).map(placeOf)).toEqual(
      Array.from({ length: 86 }, (_, place) => `audio ${place}`),
    )
    const sent = coded.map(({ timestamp }) => timestamp)
    expect(sent).toEqual(sent.toSorted((a, b) => a - b))
    // Pictures are decoded 80 ms before they are shown, which is what their order needs.
    for (const [place, { timestamp, payload }] of videoOf(coded).entries()) {
      expect(timestamp).toBe(place * 40)
      expect(timestamp + payload.readIntBE(2, 3)).toBe((times[place] ?? 0) * 40 + 80)
      expect(payload[0]).toBe(place % 10 === 0 ? 0x17 : 0x27)
    }
  })

  it.each([
    [0, 0],
    [399, 0],
    [400, 10],
    [1_599, 30],
    [1e9, 40],
  ])('seeks %i to picture %i', async (wanted, place) => {
    await using cinema = await Cinema.open(files)
    const player = await cinema.play(`vod/${name}.mp4`, { bufferLength: 1 })
    await take(player, 4)
    await player.pausePlay(true)
    await player.seek(wanted)
    player.setBufferLength(1e6)
    await player.pausePlay(false)
    const messages = await all(player)
    const from = messages.findIndex(({ messageTypeId, payload }) => messageTypeId === 9 && payload[1] === 0)
    const after = messages.slice(from)
    expect(after.slice(0, 2).map(({ payload }) => payload)).toEqual([videoHeader, audioHeader])
    expect(after[0]?.timestamp).toBe(place * 40)
    const coded = videoOf(after.slice(2))
    expect(coded.map(placeOf)).toEqual(times.map((_, place) => `video ${place}`).slice(place))
    expect(coded[0]?.timestamp).toBe(place * 40)
    const firstSound = after.slice(2).find(({ messageTypeId }) => messageTypeId === 8)
    if (place < 40) expect((firstSound?.timestamp ?? 0) - place * 40).toBeLessThan(120)
  })

  it('starts where it is asked to, and plays as long', async () => {
    await using cinema = await Cinema.open(files)
    const messages = await cinema.playAll(`vod/${name}.mp4`, { start: 500, duration: 200 })
    const coded = videoOf(messages.filter(isCoded))
    expect(coded.map(placeOf)).toEqual([10, 11, 12, 13, 14].map(place => `video ${place}`))
    expect(coded.map(({ timestamp }) => timestamp)).toEqual([0, 40, 80, 120, 160])
  })

  it('that lacks its end is played as far as it goes, or refused', async () => {
    const whole = files[`${name}.mp4`] ?? Buffer.alloc(0)
    for (let length = 0; length < whole.length; length += 97) {
      await using cinema = await Cinema.open({ 'cut.mp4': whole.subarray(0, length) })
      const outcome = await cinema.playAll('vod/cut.mp4').then(
        messages => messages.filter(isCoded).length <= pictures + 86,
        (error: { statusCode?: string }) => error.statusCode?.startsWith('NetStream.Play.') === true,
      )
      expect(outcome, `${length} bytes`).toBe(true)
    }
  })
})

it('plays sound alone, from any frame', async () => {
  await using cinema = await Cinema.open(files)
  expect((await cinema.playAll('vod/song')).filter(isCoded).map(placeOf)).toHaveLength(86)
  const later = await cinema.playAll('vod/song.m4a', { start: 1_000 })
  expect(later.filter(isCoded).map(placeOf)[0]).toBe('audio 43')
})

it.each(['film', 'indexed', 'hybrid'])('%s.mp4 is not brought down by a damaged index', async name => {
  const whole = files[`${name}.mp4`] ?? Buffer.alloc(0)
  const index = whole.lastIndexOf('mdat')
  const change = fc.tuple(fc.nat(index - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async changes => {
      const bytes = Buffer.from(whole)
      for (const [at, value] of changes) bytes[at] = value
      await using cinema = await Cinema.open({ 'bad.mp4': bytes })
      const outcome = await cinema.playAll('vod/bad.mp4', { duration: 3_000 }).then(
        messages => messages.every(({ timestamp }) => Number.isInteger(timestamp)),
        (error: { statusCode?: string }) => error.statusCode?.startsWith('NetStream.Play.') === true,
      )
      expect(outcome).toBe(true)
    }),
    { numRuns: 40, seed: 7 },
  )
})

it.each([
  ['stts', 12],
  ['stsc', 16],
  ['stsz', 12],
  ['stco', 8],
  ['ctts', 8],
  ['stss', 8],
])('refuses %s with a wrong count', async (name, offset) => {
  const bytes = Buffer.from(files['film.mp4'] ?? Buffer.alloc(0))
  bytes.writeUInt32BE(0xffff_ff00, bytes.indexOf(name) + offset)
  await using cinema = await Cinema.open({ 'bad.mp4': bytes })
  await expect(cinema.play('vod/bad.mp4')).rejects.toMatchObject({ statusCode: 'NetStream.Play.FileStructureInvalid' })
})
