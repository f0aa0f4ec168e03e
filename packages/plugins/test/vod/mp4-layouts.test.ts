import { describe, expect, it } from 'vitest'
import { Cinema } from './support/cinema.ts'
import { audioHeader, videoHeader } from './support/flv.ts'
import { every, otherHeader, pictures, played, sounds, told } from './support/mp4-film.ts'
import {
  aacEntry,
  avcEntry,
  box,
  fragment,
  fragmentedMp4,
  full,
  tableMp4,
  type TestTrack,
  u8,
  u16,
  u32,
} from './support/mp4.ts'

describe('a track with two sample descriptions', () => {
  const joined = pictures(20)
  const samples = joined.samples.map((sample, place) => ({ ...sample, description: place < 10 ? 1 : 2 }))
  const track = { ...joined, samples, entries: [avcEntry(), avcEntry(otherHeader, 64, 96)] }
  const whole = ['0 header first', ...every(10, 40), '400 header other', ...every(10, 40, 400, 10)]

  it.each([
    ['in tables', tableMp4([track])],
    ['in fragments', fragmentedMp4([track], 200)],
    ['in both', fragmentedMp4([track], 200, { inTables: 400 })],
  ])('%s: each part has its sequence header', async (_, file) => {
    expect(told(await played(file), 9)).toEqual(whole)
    expect(told(await played(file, 650), 9)).toEqual(['0 header other', ...every(5, 40, 0, 15)])
    expect(told(await played(file, 250), 9)).toEqual([
      '0 header first',
      ...every(5, 40, 0, 5),
      '200 header other',
      ...every(10, 40, 200, 10),
    ])
  })

  it('one of which is unknown: is refused where samples have it', async () => {
    const entries = [avcEntry(), box('xvid', Buffer.alloc(78))]
    await expect(played(tableMp4([{ ...track, entries }]))).rejects.toMatchObject({
      statusCode: 'NetStream.Play.NoSupportedTrackFound',
      message: expect.stringMatching(/it has video xvid$/) as string,
    })
    expect(told(await played(tableMp4([{ ...joined, entries }])), 9)).toEqual(['0 header first', ...every(20, 40)])
    const second = joined.samples.map(sample => ({ ...sample, description: 2 }))
    const behind = { ...joined, samples: second, entries: entries.toReversed() }
    expect(told(await played(tableMp4([behind])), 9)).toEqual(['0 header first', ...every(20, 40)])
  })

  it('of sound: each part has its sequence header', async () => {
    const sound = sounds(20)
    const parts = sound.samples.map((sample, place) => ({ ...sample, description: place < 10 ? 1 : 2 }))
    const changed = { ...sound, samples: parts, entries: [aacEntry(48_000), aacEntry(24_000, '1310')] }
    for (const file of [tableMp4([changed]), fragmentedMp4([changed], 200)]) {
      const headers = (await played(file)).flatMap(({ messageTypeId, timestamp, payload }) =>
        messageTypeId === 8 && payload[1] === 0 ? [`${timestamp} ${payload.toString('hex')}`] : [],
      )
      expect(headers).toEqual(['0 af001210', '200 af001310'])
      const after = await played(file, 300)
      expect(after.find(({ messageTypeId }) => messageTypeId === 8)?.payload.toString('hex')).toBe('af001310')
    }
  })

  it('in one fragment: each part has its sequence header', async () => {
    const parts = [0, 10].map(from => ({ ...joined, samples: samples.slice(from, from + 10) }))
    const file = Buffer.concat([
      tableMp4([{ ...track, samples: [] }], { extended: true }),
      fragment(parts, [0, 400], true, [1, 1]),
    ])
    expect(told(await played(file), 9)).toEqual(whole)
    expect(told(await played(file, 650), 9)).toEqual(['0 header other', ...every(5, 40, 0, 15)])
  })
})

it('pictures that are shown before they are decoded are decoded earlier', async () => {
  const track = pictures(10)
  const samples = track.samples.map((sample, place) => ({ ...sample, offset: place % 2 === 0 ? 40 : -40 }))
  const wanted = Array.from({ length: 10 }, (_, place) => `${place * 40}${place % 2 === 0 ? '+80' : ''} ${place}`)
  for (const file of [tableMp4([{ ...track, samples }]), fragmentedMp4([{ ...track, samples }], 200)]) {
    expect(told(await played(file), 9).slice(1)).toEqual(wanted)
  }
})

describe('tables', () => {
  const sizeOf = (place: number): number => (place % 3) + 8
  const track = pictures(12)
  const samples = track.samples.map((sample, place) => ({
    ...sample,
    data: Buffer.concat([sample.data.subarray(0, 7), Buffer.alloc(sizeOf(place) - 8), sample.data.subarray(7)]),
  }))
  const nibbles = Array.from({ length: 6 }, (_, at) => sizeOf(at * 2) * 16 + sizeOf(at * 2 + 1))

  it.each([
    ['4', u8(...nibbles)],
    ['8', u8(...samples.map((_, place) => sizeOf(place)))],
    ['16', u16(...samples.map((_, place) => sizeOf(place)))],
  ])('have sizes of %s bits', async (bits, sizes) => {
    const stbl = (): Buffer[] => [full('stz2', 0, u32(Number(bits), 12), sizes)]
    expect(told(await played(tableMp4([{ ...track, samples }], { stbl })), 9).slice(1)).toEqual(every(12, 40))
  })

  it('have one size for all', async () => {
    const stbl = (): Buffer[] => [full('stsz', 0, u32(8, 12))]
    expect(told(await played(tableMp4([track], { stbl })), 9).slice(1)).toEqual(every(12, 40))
  })

  it('of many samples are entered anywhere', async () => {
    const long = Array.from({ length: 3_000 }, (_, place) => ({
      duration: 40 + (place % 2),
      offset: place % 4,
      isSync: place % 100 === 0,
      data: u8(0, 0, 0, 1, 0x65, place >> 8, place & 255),
    }))
    await using cinema = await Cinema.open({ 'film.mp4': tableMp4([{ ...track, samples: long }]) })
    for (const place of [0, 100, 1_000, 1_100, 2_000, 2_900]) {
      const start = place * 40.5
      const messages = await cinema.playAll('vod/film.mp4', { start, duration: 200 })
      const [first, second] = messages.filter(({ messageTypeId, payload }) => messageTypeId === 9 && payload[1] === 1)
      expect(first?.payload.readUInt16BE(10)).toBe(place)
      expect(first?.payload.readIntBE(2, 3)).toBe(place % 4)
      expect(second).toMatchObject({ timestamp: 40 })
    }
  })
})

describe('a fragment that does not make sense', () => {
  const head = tableMp4([pictures(0), sounds(0)], { extended: true })
  const good = fragment([pictures(5), sounds(10)], [0, 0])
  const change = (name: string, offset: number, value: number): Buffer => {
    const bytes = Buffer.from(good)
    bytes.writeUInt32BE(value, bytes.indexOf(name) + offset)
    return Buffer.concat([head, bytes])
  }

  it('is refused, however many samples it says it has', async () => {
    expect(told(await played(Buffer.concat([head, good])), 9).slice(1)).toEqual(every(5, 40))
    for (const count of [6, 65_536, 0xffff_ffff]) {
      await expect(played(change('trun', 8, count))).rejects.toMatchObject({
        statusCode: 'NetStream.Play.FileStructureInvalid',
      })
    }
  })

  it('does not keep anybody busy by boxes', async () => {
    const boxes = Buffer.concat(Array.from({ length: 300_000 }, () => box('free')))
    const messages = await played(Buffer.concat([head, good, boxes, fragment([pictures(5), sounds(0)], [200, 0])]))
    expect(told(messages, 9).slice(1)).toEqual(every(5, 40))
    const traf = Buffer.concat([head, box('moof', boxes)])
    await expect(played(traf)).rejects.toMatchObject({ statusCode: 'NetStream.Play.FileStructureInvalid' })
  })

  it('is not waited for in a track that has none', async () => {
    const many = Array.from({ length: 400 }, (_, place) => fragment([pictures(1), sounds(0)], [place * 40, 0]))
    const messages = await played(Buffer.concat([head, ...many]))
    expect(told(messages, 9)).toHaveLength(401)
    expect(told(messages, 8)).toEqual([])
  })
})

it('a track with sound that RTMP has no place for is passed over for the next', async () => {
  const strange = sounds(5, { entries: [box('sowt', Buffer.alloc(28))] })
  const messages = await played(tableMp4([strange, sounds(5)]))
  expect(messages[1]?.payload).toEqual(audioHeader)
  await expect(played(tableMp4([strange]))).rejects.toMatchObject({
    statusCode: 'NetStream.Play.NoSupportedTrackFound',
  })
})

it('has the headers of its first descriptions', async () => {
  const messages = await played(tableMp4([pictures(5), sounds(5)]))
  expect(messages.slice(1, 3).map(({ payload }) => payload)).toEqual([videoHeader, audioHeader])
})

describe('a track that RTMP has no place for', () => {
  it('may have more samples than can be played, such as 95 seconds of uncompressed sound', async () => {
    const entry = box('sowt', Buffer.alloc(6), u16(1), u32(0, 0), u16(2, 16), u32(0), u16(48_000, 0))
    const sound = { ...sounds(1), entries: [entry] }
    const stbl = ({ kind, samples }: TestTrack): Buffer[] =>
      kind === 'soun'
        ? [full('stsz', 0, u32(4, 4_560_000))]
        : [full('stsz', 0, u32(0, samples.length, ...samples.map(({ data }) => data.length)))]
    const file = tableMp4([sound, pictures(10)], { stbl })
    expect(told(await played(file), 9)).toEqual(['0 header first', ...every(10, 40)])
    expect(told(await played(file), 8)).toEqual([])
  })
})

describe('a picture that is shown hours after it is decoded', () => {
  it.each([
    [0x7fff_ffff, 0x7f_ffff],
    [0x7f_ffff, 0x7f_ffff],
  ])('by %i ms: by no more than RTMP can say, and the film goes on', async (offset, shown) => {
    const film = pictures(5)
    const samples = film.samples.map((sample, place) => (place === 3 ? { ...sample, offset } : sample))
    const frames = [...every(3, 40), `120+${shown} 3`, '160 4']
    expect(told(await played(tableMp4([{ ...film, samples }])), 9)).toEqual(['0 header first', ...frames])
  })
})

it.each([
  ['vp08', 'vpcC', 'vp08', false],
  ['vvc1', 'vvcC', 'vvc1', true],
  ['vvi1', 'vvcC', 'vvc1', true],
])('%s is sent by Enhanced RTMP', async (format, config, fourCc, isTimed) => {
  const entry = box(format, avcEntry().subarray(8, 86), full(config, 0x100_0000, u8(1, 2, 3)))
  const [, header, key, next] = await played(tableMp4([pictures(10, { entries: [entry] })]))
  const time = isTimed ? '000000' : ''
  const hex = (head: string, body: Buffer) => `${head}${Buffer.from(fourCc).toString('hex')}${body.toString('hex')}`
  expect(header?.payload.toString('hex')).toBe(hex('90', u8(1, 2, 3)))
  expect(key?.payload.toString('hex')).toBe(
    hex('91', Buffer.concat([Buffer.from(time, 'hex'), pictures(1).samples[0]!.data])),
  )
  expect(next?.payload[0]).toBe(0xa1)
})

it('sound that begins late has its header before the first picture, wherever playing begins', async () => {
  const late = sounds(30, {
    edits: [
      [400, -1],
      [600, 0],
    ],
  })
  for (const file of [tableMp4([pictures(25), late]), fragmentedMp4([pictures(25), late], 200)]) {
    for (const start of [0, 100, 300, 700]) {
      const messages = await played(file, start)
      expect(messages.slice(1, 3).map(({ payload }) => payload)).toEqual([videoHeader, audioHeader])
    }
    expect(told(await played(file, 250), 8).slice(1)).toEqual(every(30, 20, 200))
    expect(told(await played(file, 850), 8).slice(1)).toEqual(every(10, 20, 0, 20))
  }
})
