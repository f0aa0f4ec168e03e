import { describe, expect, it } from 'vitest'
import { Mp4Error } from '../../src/mp4/errors.ts'
import { FragmentWriter } from '../../src/mp4/fragment-writer.ts'
import { videoEntry } from '../../src/mp4/fragment-boxes.ts'
import type { ByteFile } from '../../src/mp4/movie.ts'
import { openMovie } from '../../src/mp4/open-movie.ts'
import { aacEntry, avcEntry, box, fragment, full, tableMp4, type TestTrack, u8, u32 } from '../vod/support/mp4.ts'

function fileOf(bytes: Buffer): ByteFile {
  const read = async (position: number, length: number): Promise<Buffer> => bytes.subarray(position, position + length)
  return { size: bytes.length, read, peek: read }
}

function video(count: number): TestTrack {
  const samples = Array.from({ length: count }, (_, place) => ({
    duration: 40,
    isSync: place === 0,
    data: u8(place & 255),
  }))
  return { kind: 'vide', timescale: 1_000, entries: [avcEntry()], samples }
}

describe('the index of a file of very many fragments', () => {
  const output = { kind: 'video', timescale: 1_000, entry: videoEntry('avc1', 16, 16, Buffer.alloc(0)) } as const
  const size = { width: 16, height: 16 }

  /** Positions in each `tfra`. */
  function positionsIn(index: Buffer): number[][] {
    const found: number[][] = []
    for (let at = index.indexOf('tfra'); at >= 0; at = index.indexOf('tfra', at + 1)) {
      const count = index.readUInt32BE(at + 16)
      found.push(Array.from({ length: count }, (_, place) => Number(index.readBigUInt64BE(at + 20 + place * 28 + 8))))
    }
    return found
  }

  it.each([1, 2, 400])('is bounded, and names every so many of them: %i tracks', tracks => {
    const writer = new FragmentWriter(Array.from({ length: tracks }, () => ({ ...output, ...size })))
    const [fragments, data] = [tracks > 2 ? 1_000 : 70_000, u8(1)]
    const positions: number[] = []
    let position = writer.head().length
    for (let number = 0; number < fragments; number += 1) {
      const sample = { decodeTime: number, duration: 1, compositionOffset: 0, isSync: true, data }
      positions.push(position)
      for (const { length } of writer.fragment(Array.from({ length: tracks }, () => [sample]))) position += length
    }
    const listed = positionsIn(writer.index())
    expect(listed).toHaveLength(tracks)
    expect(listed.flat().length).toBeLessThanOrEqual(65_536)
    for (const own of listed) {
      const step = positions.indexOf(own[1] ?? 0)
      expect(own).toEqual(positions.filter((_, place) => place % step === 0))
      expect(own.length).toBeGreaterThan(65_536 / tracks / 2 - 2)
    }
  })
})

describe('an index that names only some fragments', () => {
  const track = video(50)
  const parts = Array.from({ length: 50 }, (_, place) =>
    fragment([{ ...track, samples: [{ duration: 40, data: u8(place) }] }], [place * 40]),
  )
  const head = tableMp4([{ ...track, samples: [] }], { extended: true })
  const positions = parts.map((_, place) => Buffer.concat([head, ...parts.slice(0, place)]).length)

  it.each([[[20]], [[20, 30, 49]], [[1, 2]], [[0, 48]]])('of %j: all are played, and found', async listed => {
    const entries = listed.map(place => Buffer.concat([u32(0, positions[place] ?? 0), u8(1, 1, 1)]))
    const table = full('tfra', 0, u32(1, 0, listed.length), ...entries)
    const index = box('mfra', table, full('mfro', 0, u32(table.length + 24)))
    const file = fileOf(Buffer.concat([head, ...parts, index]))
    const [movie] = (await openMovie(file)).tracks
    const times: number[] = []
    for await (const { decodeTime } of movie?.samples() ?? []) times.push(Math.round(decodeTime * 1000))
    expect(times).toEqual(parts.map((_, place) => place * 40))
    expect(movie?.end).toBeCloseTo(2)
    for (const place of [3, 20, 25, 47])
      expect((await movie?.find(place * 0.04))?.media?.fragment).toBe(positions[place])
  })
})

it('an index that is wrong in its middle is not gone by', async () => {
  const track = video(50)
  const parts = Array.from({ length: 50 }, (_, place) =>
    fragment([{ ...track, samples: [{ duration: 40, data: u8(place) }] }], [place * 40]),
  )
  const head = tableMp4([{ ...track, samples: [] }], { extended: true })
  const positions = parts.map((_, place) => Buffer.concat([head, ...parts.slice(0, place)]).length)
  const said = positions.map((position, place) => (place > 10 && place < 40 ? position + 4 : position))
  const table = full('tfra', 0, u32(1, 0, 50), ...said.map(position => Buffer.concat([u32(0, position), u8(1, 1, 1)])))
  const index = box('mfra', table, full('mfro', 0, u32(table.length + 24)))
  const [movie] = (await openMovie(fileOf(Buffer.concat([head, ...parts, index])))).tracks
  for (const place of [3, 20, 25, 47]) expect((await movie?.find(place * 0.04))?.media?.fragment).toBe(positions[place])
})

describe('a fragment of very many samples', () => {
  /** One picture a millisecond, all in the last byte of the file. */
  function fileWith(count: number, said = count): Buffer {
    const rows = Buffer.alloc(count * 16)
    for (let place = 0; place < count; place += 1) {
      rows.writeUInt32BE(1, place * 16)
      rows.writeUInt32BE(place === 0 ? 0 : 0x1_0000, place * 16 + 8)
    }
    const header = full('tfhd', 0x2_0000, u32(1))
    const run = full('trun', 0x100_0f01, u32(said, 0), rows)
    const moof = box('moof', box('traf', header, full('tfdt', 0, u32(0)), run))
    return Buffer.concat([tableMp4([{ ...video(0) }], { extended: true }), moof, box('mdat', u8(1))])
  }

  it('is read', async () => {
    const [track] = (await openMovie(fileOf(fileWith(300_000)))).tracks
    let [count, keys] = [0, 0]
    for await (const { decodeTime, isSync } of track?.samples() ?? []) {
      if (Math.round(decodeTime * 1000) !== count) throw new Error(`sample ${count} is decoded at ${decodeTime}`)
      count += 1
      if (isSync) keys += 1
    }
    expect([count, keys, track?.end]).toEqual([300_000, 1, 300])
    expect(await track?.find(250)).toBeUndefined()
  })

  it.each([
    ['more samples than it has room for', () => fileWith(10, 11)],
    ['samples without end', () => fileWith(10, 0xffff_ffff)],
    ['more than 1,048,576', () => fileWith(1_048_577)],
    ['an index of more than 24 MiB', () => fileWith(1_600_000)],
  ])('is refused with %s', async (_, file) => {
    await expect(openMovie(fileOf(file()))).rejects.toThrow(Mp4Error)
  })

  it('may say once what holds for all of them', async () => {
    const header = full('tfhd', 0x2_0038, u32(1, 2, 1, 0x1_0000))
    // Flags of the first sample: decoding can begin with it.
    const run = full('trun', 0x5, u32(1_000_000, 0, 0))
    const moof = box('moof', box('traf', header, full('tfdt', 0, u32(0)), run))
    const head = tableMp4([video(0)], { extended: true })
    const [track] = (await openMovie(fileOf(Buffer.concat([head, moof, box('mdat', Buffer.alloc(1_000_000))])))).tracks
    expect(track?.end).toBe(2_000)
    let keys = 0
    let last = 0
    for await (const { isSync, decodeTime } of track?.samples() ?? []) {
      if (isSync) keys += 1
      last = decodeTime
      if (last > 1) break
    }
    expect([keys, last]).toEqual([1, 1.002])
  })
})

describe('whoever reads what is in memory', () => {
  const track = { kind: 'soun', timescale: 1_000, entries: [aacEntry()] } as const
  const samples = [{ duration: 1, data: u8(1) }]
  const head = tableMp4([{ ...track, samples: [] }], { extended: true })

  /** How many times others had their turn. */
  async function turnsIn(work: () => Promise<unknown>): Promise<number> {
    let turns = 0
    let next = setImmediate(function count() {
      turns += 1
      next = setImmediate(count)
    })
    await work()
    clearImmediate(next)
    return turns
  }

  it('lets others have their turn in fragments that do not say when they begin', async () => {
    const one = fragment([{ ...track, samples }], [0], false)
    const file = fileOf(Buffer.concat([head, ...Array.from({ length: 10_000 }, () => one)]))
    const [found] = (await openMovie(file)).tracks
    expect(await turnsIn(async () => expect((await found?.find(9.99))?.time).toBeCloseTo(9.99))).toBeGreaterThan(8)
  })

  it('lets others have their turn in a fragment of very many samples', async () => {
    const all = Array.from({ length: 40_000 }, () => samples[0] ?? { duration: 1, data: u8(1) })
    const [found] = (await openMovie(fileOf(Buffer.concat([head, fragment([{ ...track, samples: all }], [0])])))).tracks
    expect(await turnsIn(async () => expect((await found?.find(39.99))?.time).toBeCloseTo(39.99))).toBeGreaterThan(3)
  })
})
