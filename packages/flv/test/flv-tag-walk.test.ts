import { describe, expect, it } from 'vitest'
import {
  firstFlvTag,
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

  it('ends with the last tag that is whole', async () => {
    const ends = parts.map((_, place) => Buffer.concat([header, ...parts.slice(0, place)]).length)
    for (let size = 13; size < whole.length; size += 11) {
      expect((await walked(whole.subarray(0, size))).end).toBe(Math.max(...ends.filter(end => end <= size)))
    }
  })

  it.each([
    ['an unknown tag', tag(22, 5, Buffer.alloc(30, 9))],
    ['an encrypted tag', tag(0x29, 5, Buffer.alloc(30, 9))],
    ['what looks like a picture, but for its stream id', tag(9, 5, picture(true), 0x4d2)],
    ['nothing but zeros', Buffer.alloc(45)],
  ])('passes over %s, which is no end by itself', async (_, strange) => {
    const between = Buffer.concat([whole, strange, tag(8, 20, sound())])
    expect(told((await walked(between)).tags).at(-1)).toBe('0 8 20')
    expect(await walked(Buffer.concat([whole, strange]))).toMatchObject({ end: whole.length })
  })

  it('goes on in a file behind the file, and tells so', async () => {
    const { tags, end } = await walked(Buffer.concat([whole, whole]))
    expect(told(tags).slice(3, 6)).toEqual([`0 9 ${0x1234_5678}`, '1 18 0', '1 9 0'])
    expect(end).toBe(whole.length * 2)
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
    const scan = await scanFlv(source(Buffer.concat([bytes, Buffer.alloc(7)]), 64), new KeyframeList(16, 1_000))
    expect(scan).toMatchObject({
      duration: 4_000,
      lastTimestamp: 3_960,
      fileSize: bytes.length,
      bytes: bytes.length + 7,
      hasAudio: true,
      hasVideo: true,
      frames: 200,
      metadata: { position: 13, length: script.length, properties: { width: 320 } },
    })
    // The first of every second.
    expect(scan?.keyframes.times).toEqual([0, 1_200, 2_000, 3_200])
    for (const position of scan?.keyframes.positions ?? []) {
      expect(parseFlvTagHead(bytes.subarray(position))).toMatchObject({ type: 9 })
    }
  })

  it('is undefined of what is no FLV file', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('FLV'), Buffer.from('To whom it may concern')]) {
      expect(await scanFlv(source(bytes, 64), new KeyframeList(2))).toBeUndefined()
      expect(firstFlvTag(bytes)).toBeUndefined()
    }
    expect(firstFlvTag(header)).toBe(13)
  })
})
