import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstFlvTag,
  FlvDemuxer,
  type FlvSource,
  type FlvTag,
  KeyframeList,
  parseFlvTagHead,
  scanFlv,
  walkFlvTags,
} from '../src/index.ts'

const header = Buffer.from('464c5601050000000900000000', 'hex')

/** A tag by hand (FLV 10.1 §E.4.1). */
function tag(type: number, time: number, body: Buffer, streamId = 0): Buffer {
  const bytes = Buffer.alloc(body.length + 15)
  bytes[0] = type
  bytes.writeUIntBE(body.length, 1, 3)
  bytes.writeUIntBE(time & 0xff_ffff, 4, 3)
  bytes[7] = time >>> 24
  bytes.writeUIntBE(streamId, 8, 3)
  body.copy(bytes, 11)
  bytes.writeUInt32BE(body.length + 11, body.length + 11)
  return bytes
}

const picture = (isKey: boolean, size = 40): Buffer =>
  Buffer.concat([Buffer.from(isKey ? '1701000000' : '2701000000', 'hex'), Buffer.alloc(size)])
const sound = (): Buffer => Buffer.from('af0155', 'hex')

/** Bytes that come in blocks, as those of a cache do. */
function source(bytes: Buffer, block: number): FlvSource {
  return {
    size: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
    rest: async position => bytes.subarray(position, (Math.floor(position / block) + 1) * block),
  }
}

async function walked(bytes: Buffer, block = 64): Promise<{ tags: FlvTag[]; end: number }> {
  const tags: FlvTag[] = []
  const end = await walkFlvTags(source(bytes, block), 13, found => void tags.push(found))
  return { tags, end }
}

const told = (tags: readonly FlvTag[]): string[] =>
  tags.map(({ type, timestamp, file }) => `${file} ${type} ${timestamp}`)

describe('walkFlvTags', () => {
  const parts = [
    tag(18, 0, Buffer.from('\x02\0\x0aonMetaData\x05', 'latin1')),
    tag(9, 0, picture(true, 9_000)),
    tag(8, 10, sound()),
    tag(9, 0x1234_5678, picture(false)),
  ]
  const whole = Buffer.concat([header, ...parts])

  it.each([1, 7, 64, 4_200, 1_000_000])('finds every tag in blocks of %i bytes', async block => {
    const { tags, end } = await walked(whole, block)
    expect(told(tags)).toEqual(['0 18 0', '0 9 0', '0 8 10', `0 9 ${0x1234_5678}`])
    expect(end).toBe(whole.length)
    expect(tags.map(({ position }) => position)).toEqual(
      parts.map((_, place) => Buffer.concat([header, ...parts.slice(0, place)]).length),
    )
    expect(tags[1]).toMatchObject({ size: 9_005 })
    expect(tags[1]?.beginning).toEqual(picture(true, 9_000).subarray(0, 4_096))
    expect(tags[3]?.beginning).toEqual(picture(false))
  })

  it('ends with the last tag whose body is whole', async () => {
    const ends = [...parts.keys(), parts.length].map(count => Buffer.concat([header, ...parts.slice(0, count)]).length)
    for (let size = 13; size < whole.length; size += 1) {
      // Where nothing but the back pointer is missing, it ends where that belongs.
      expect((await walked(whole.subarray(0, size))).end).toBe(Math.max(...ends.filter(end => end - 4 <= size)))
    }
  })

  it.each([
    ['an unknown tag', tag(22, 5, Buffer.alloc(30, 9)), '0 22 5'],
    ['an encrypted tag', tag(0x29, 5, Buffer.alloc(30, 9)), '0 41 5'],
    ['a picture with a stream id', tag(9, 5, picture(true), 0x4d2), '0 9 5'],
    ['an empty tag', tag(8, 5, Buffer.alloc(0)), '0 8 5'],
    [
      'a tag with a wrong back pointer',
      Buffer.concat([tag(8, 5, sound()).subarray(0, -4), Buffer.alloc(4, 7)]),
      '0 8 5',
    ],
  ])('tells of %s and goes on behind it', async (_, strange, expected) => {
    const { tags, end } = await walked(Buffer.concat([whole, strange, tag(8, 20, sound())]))
    expect(told(tags).slice(-2)).toEqual([expected, '0 8 20'])
    expect(end).toBe(whole.length + strange.length + tag(8, 20, sound()).length)
  })

  it('goes on in a file behind the file, and tells so', async () => {
    const { tags, end } = await walked(Buffer.concat([whole, whole]))
    expect(told(tags).slice(3, 6)).toEqual([`0 9 ${0x1234_5678}`, '1 18 0', '1 9 0'])
    expect(end).toBe(whole.length * 2)
  })

  it('goes on in a file behind a file that lacks its last back pointer, and behind a header that is longer', async () => {
    const longer = Buffer.concat([Buffer.from('464c5601050000000f', 'hex'), Buffer.alloc(6), Buffer.alloc(4)])
    const bytes = Buffer.concat([whole.subarray(0, -4), longer, tag(9, 7, picture(true)), whole])
    const { tags, end } = await walked(bytes)
    expect(told(tags).slice(3, 6)).toEqual([`0 9 ${0x1234_5678}`, '1 9 7', '2 18 0'])
    expect(end).toBe(bytes.length)
  })

  it('finds the same as a FlvDemuxer, whatever a file is made of', async () => {
    const body = fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes))
    const type = fc.constantFrom(0, 8, 9, 15, 18, 22, 0x28, 0x29, 0x46)
    const oneTag = fc.tuple(type, fc.nat(0xffff_ffff), body, fc.constantFrom(0, 1, 0xffffff)).map(all => tag(...all))
    const part = fc.oneof(
      { weight: 5, arbitrary: oneTag },
      oneTag.map(bytes => bytes.subarray(0, -4)),
      oneTag.map(bytes => Buffer.concat([bytes.subarray(0, -4), Buffer.alloc(4, 3)])),
      fc.constant(header),
      fc
        .nat(9)
        .map(more => Buffer.concat([Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9 + more]), Buffer.alloc(more + 4)])),
      fc.nat(40).map(length => Buffer.alloc(length)),
      body,
    )
    const property = fc.asyncProperty(
      fc.array(part, { maxLength: 12 }),
      fc.integer({ min: 1, max: 99 }),
      async (all, block) => {
        const bytes = Buffer.concat([header, ...all])
        const messages: string[] = []
        new FlvDemuxer().push(bytes, one => messages.push(`${one.messageTypeId} ${one.timestamp}`))
        const { tags } = await walked(bytes, block)
        const known = tags.filter(({ type, size }) => [8, 9].includes(type) || ([15, 18].includes(type) && size > 0))
        expect(known.map(({ type, timestamp }) => `${type === 15 ? 18 : type} ${timestamp}`)).toEqual(messages)
      },
    )
    await fc.assert(property, { numRuns: 500 })
  })

  it('ends when it is told to', async () => {
    let count = 0
    await walkFlvTags(source(whole, 64), 13, () => ++count < 2)
    expect(count).toBe(2)
  })
})

describe('scanFlv', () => {
  it('tells what is in a file', async () => {
    const film = Array.from({ length: 100 }, (_, place) => [
      tag(9, place * 40, picture(place % 10 === 0)),
      tag(8, place * 40, sound()),
    ]).flat()
    const script = tag(
      18,
      0,
      Buffer.from('\x02\0\x0aonMetaData\x03\0\x05width\0\x40\x74\0\0\0\0\0\0\0\0\x09', 'latin1'),
    )
    const bytes = Buffer.concat([header, script, tag(9, 0, Buffer.from('1700000000', 'hex')), ...film])
    const scan = await scanFlv(source(Buffer.concat([bytes, Buffer.alloc(7)]), 64), () => new KeyframeList(16, 1_000))
    expect(scan).toMatchObject({
      duration: 4_000,
      lastTimestamp: 3_960,
      fileSize: bytes.length,
      bytes: bytes.length + 7,
      hasAudio: true,
      hasVideo: true,
      frames: 200,
      metadata: { position: 13, length: script.length, properties: { width: 320 } },
      tail: 'zeroes',
      backPointer: undefined,
    })
    // The first of every second.
    expect(scan?.keyframes.times).toEqual([0, 1_200, 2_000, 3_200])
    for (const position of scan?.keyframes.positions ?? []) {
      expect(parseFlvTagHead(bytes.subarray(position))).toMatchObject({ type: 9 })
    }
  })

  const start = Buffer.concat([header, tag(9, 0, Buffer.from('1700000000', 'hex')), tag(9, 0, picture(true))])
  const scanned = (...parts: readonly Buffer[]) =>
    scanFlv(source(Buffer.concat([start, ...parts]), 64), () => new KeyframeList(16))
  const last = tag(9, 40, Buffer.concat([picture(false), Buffer.alloc(40)]))
  const zero = Buffer.alloc(4_096)
  const garbage = Buffer.from('To whom it may concern: this is no tag at all')

  it.each<[string, Buffer[], string, number]>([
    ['nothing', [], 'nothing', 0],
    ['a whole tag of an unknown type', [tag(22, 40, garbage)], 'nothing', 60],
    ['a whole encrypted tag', [tag(0x29, 40, garbage)], 'nothing', 60],
    ['a tag with a stream id', [tag(9, 40, picture(false), 5)], 'nothing', 60],
    ['zeroes', [zero], 'zeroes', 0],
    ['a piece of a head', [last.subarray(0, 9)], 'unfinished', 0],
    ['a piece of a tag', [last.subarray(0, 60)], 'unfinished', 0],
    ['a piece of an encrypted tag', [tag(0x28, 40, garbage).subarray(0, 40)], 'unfinished', 0],
    [
      'a piece of a type that the file has',
      [tag(22, 40, garbage), tag(22, 40, garbage).subarray(0, 40)],
      'unfinished',
      60,
    ],
    ['a piece of a tag, the rest of it zeroes', [last.subarray(0, 30), zero], 'unfinished', 0],
    ['text', [garbage], 'unknown', 0],
    ['an unknown type that is longer than the file', [Buffer.from('77ffffff0000000000000000', 'hex')], 'unknown', 0],
    ['zeroes with something behind them', [zero, garbage], 'unknown', 0],
    ['a damaged size, and whole tags behind it', [Buffer.from('09ffffff000000'), last, last], 'unknown', 0],
  ])('%s at the end', async (_, parts, tail, size) => {
    expect(await scanned(...parts)).toMatchObject({ tail, fileSize: start.length + size, backPointer: undefined })
  })

  it('does not take a tag behind a wrong back pointer for an unfinished one', async () => {
    const wrong = Buffer.concat([last.subarray(0, -4), Buffer.from('01020304', 'hex')])
    const end = start.length + wrong.length
    expect(await scanned(wrong, last.subarray(0, 60))).toMatchObject({ tail: 'unknown', fileSize: end })
    // Some muxers have never written a right one.
    const never = Buffer.concat([header, wrong, wrong, last.subarray(0, 60)])
    const scan = await scanFlv(source(never, 64), () => new KeyframeList(16))
    expect(scan).toMatchObject({ tail: 'unfinished', frames: 2 })
  })

  it.each([0, 1, 2, 3])('a frame with %i bytes of its back pointer is whole', async size => {
    expect(await scanned(last.subarray(0, last.length - 4 + size))).toMatchObject({
      frames: 2,
      tail: 'nothing',
      fileSize: start.length + last.length,
      backPointer: last.subarray(-4),
    })
  })

  it('counts encrypted frames, since they last, too', async () => {
    expect(await scanned(tag(0x28, 700, garbage))).toMatchObject({ frames: 2, lastTimestamp: 700, hasAudio: true })
  })

  it('is undefined of what is no FLV file', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('FLV'), Buffer.from('To whom it may concern')]) {
      expect(await scanFlv(source(bytes, 64), () => new KeyframeList(2))).toBeUndefined()
      expect(firstFlvTag(bytes)).toBeUndefined()
    }
    expect(firstFlvTag(header)).toBe(13)
  })
})
