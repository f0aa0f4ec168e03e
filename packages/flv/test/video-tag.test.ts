import { encodeVideoTag, type ExVideoTag, FlvError, parseVideoHeader, parseVideoTag, type VideoTag } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { videoCases } from './support/cases.ts'
import { hex } from './support/hex.ts'
import { videoPayload } from './support/payloads.ts'
import { videoTagCases } from './support/tag-cases.ts'
import { videoTag } from './support/tags.ts'

describe.each(videoTagCases)('$name', ({ payload, tag }) => {
  test('is parsed', () => {
    expect(parseVideoTag(payload)).toEqual(tag)
  })

  test('is written', () => {
    expect(encodeVideoTag(tag)).toEqual(payload)
  })
})

test.each(videoCases)('$name: parsed and written, cut short or not, it is the same bytes', ({ payload }) => {
  for (let length = 0; length <= payload.length; length++) expectIdentity(payload.subarray(0, length))
})

test('whatever the bytes, parsed and written they are the same', () => {
  const kinds: Record<string, number> = { empty: 0, opaque: 0, legacy: 0, enhanced: 0 }
  const property = fc.property(videoPayload, payload => {
    const { kind } = expectIdentity(payload)
    kinds[kind] = (kinds[kind] ?? 0) + 1
  })
  fc.assert(property, { numRuns: 1500 })
  for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(0)
  expect(kinds.enhanced).toBeGreaterThan(150)
})

test('whatever the tag, written and parsed it is the same', () => {
  const property = fc.property(videoTag, tag => {
    expect(parseVideoTag(encodeVideoTag(tag))).toEqual(tag)
  })
  fc.assert(property, { numRuns: 300 })
})

test('a tag agrees with the cheaper header, where that is not undefined', () => {
  let compared = 0
  const property = fc.property(videoPayload, payload => {
    const header = parseVideoHeader(payload)
    if (header === undefined || !header.enhanced) return
    compared++
    const tag = parseVideoTag(payload) as ExVideoTag
    expect(tag.kind).toBe('enhanced')
    expect([tag.packetType, tag.multitrackType]).toEqual([header.packetType, header.multitrackType])
    expect(tag.tracks.map(({ trackId, compositionTime, data }) => [trackId, compositionTime, data.length])).toEqual(
      header.tracks.map(each => [each.trackId, each.compositionTime, each.bodyEnd - each.bodyStart]),
    )
  })
  fc.assert(property, { numRuns: 1000 })
  expect(compared).toBeGreaterThan(20)
})

test('data are slices of the payload, and what is written is not', () => {
  const payload = hex('91 61763031 aa')
  const tag = parseVideoTag(payload) as ExVideoTag
  expect(tag.tracks[0]!.data.buffer).toBe(payload.buffer)
  encodeVideoTag(tag).fill(0)
  encodeVideoTag({ kind: 'opaque', payload }).fill(0)
  expect(payload).toEqual(hex('91 61763031 aa'))
})

test('bytes that are no Buffer are read as well', () => {
  const payload = Uint8Array.from(hex('96 01 61766331 03 000050 65'))
  expect(encodeVideoTag(parseVideoTag(payload))).toEqual(Buffer.from(payload))
})

describe('there is no room for', () => {
  const track = { trackId: 0, fourCc: 'av01', compositionTime: 0, data: hex('aa') }
  const tag = {
    kind: 'enhanced',
    frameType: 1,
    modEx: [],
    packetType: 1,
    multitrackType: undefined,
    tracks: [track],
  } as const
  const legacy = { kind: 'legacy', frameType: 1, codecId: 7, packetType: 1, compositionTime: 0, data: hex('') } as const
  const command = { kind: 'command', enhanced: true, command: 0, codecIdOrPacketType: 0, modEx: [] } as const
  const avc = { ...track, fourCc: 'avc1' }
  const offset = { kind: 'timestampOffsetNano', nanoseconds: 0 } as const
  const opaque = { kind: 'opaque', type: 1, data: hex('aa') } as const

  test('nothing in the tags that the others are made of', () => {
    for (const each of [tag, legacy, command]) expect(parseVideoTag(encodeVideoTag(each))).toEqual(each)
  })

  test.each<[string, VideoTag]>([
    ['frame type 8', { ...tag, frameType: 8 }],
    ['data in a command', { ...tag, frameType: 5 }],
    ['data in a legacy command', { ...legacy, frameType: 5 }],
    ['packet type 16', { ...tag, packetType: 16 }],
    ['packet type Multitrack', { ...tag, packetType: 6 }],
    ['packet type ModEx', { ...tag, packetType: 7 }],
    ['no track', { ...tag, tracks: [] }],
    ['two tracks without Multitrack', { ...tag, tracks: [track, track] }],
    ['track 1 without Multitrack', { ...tag, tracks: [{ ...track, trackId: 1 }] }],
    ['two tracks in OneTrack', { ...tag, multitrackType: 0, tracks: [track, track] }],
    ['257 tracks', { ...tag, multitrackType: 1, tracks: Array.from({ length: 257 }, () => track) }],
    ['track 256', { ...tag, multitrackType: 1, tracks: [{ ...track, trackId: 256 }] }],
    ['track -1', { ...tag, multitrackType: 0, tracks: [{ ...track, trackId: -1 }] }],
    ['half a track', { ...tag, multitrackType: 0, tracks: [{ ...track, trackId: 0.5 }] }],
    ['two codecs in ManyTracks', { ...tag, multitrackType: 1, tracks: [track, avc] }],
    ['multitrack type 3', { ...tag, multitrackType: 3 as 2 }],
    ['a track of 16 MiB', { ...tag, multitrackType: 1, tracks: [{ ...track, data: Buffer.alloc(0x100_0000) }] }],
    ['a FourCC of three', { ...tag, tracks: [{ ...track, fourCc: 'av1' }] }],
    ['a FourCC of five', { ...tag, tracks: [{ ...track, fourCc: 'av010' }] }],
    ['a FourCC beyond Latin-1', { ...tag, tracks: [{ ...track, fourCc: 'av0€' }] }],
    ['a composition time of AV1', { ...tag, tracks: [{ ...track, compositionTime: 1 }] }],
    ['a composition time in CodedFramesX', { ...tag, packetType: 3, tracks: [{ ...avc, compositionTime: 1 }] }],
    ['a composition time of 24 bits', { ...tag, tracks: [{ ...avc, compositionTime: 0x80_0000 }] }],
    ['no composition time', { ...tag, tracks: [{ ...avc, compositionTime: NaN }] }],
    ['nine ModEx packets', { ...tag, modEx: Array.from({ length: 9 }, () => offset) }],
    ['a millisecond of nanoseconds', { ...tag, modEx: [{ ...offset, nanoseconds: 1_000_000 }] }],
    ['ModEx type 16', { ...tag, modEx: [{ ...opaque, type: 16 }] }],
    ['an empty ModEx', { ...tag, modEx: [{ ...opaque, data: hex('') }] }],
    ['ModEx of 65,537 bytes', { ...tag, modEx: [{ ...opaque, data: Buffer.alloc(65_537) }] }],
    ['legacy frame type 8', { ...legacy, frameType: 8 }],
    ['codec id 16', { ...legacy, codecId: 16 }],
    ['legacy packet type 256', { ...legacy, packetType: 256 }],
    ['legacy composition time of 24 bits', { ...legacy, compositionTime: -0x80_0001 }],
    ['a composition time of H.263', { ...legacy, codecId: 2, compositionTime: 1 }],
    ['command 256', { ...command, command: 256 }],
    ['a command in packet type Metadata', { ...command, codecIdOrPacketType: 4 }],
    ['a command in packet type ModEx', { ...command, codecIdOrPacketType: 7 }],
    ['a command in packet type 16', { ...command, codecIdOrPacketType: 16 }],
    ['ModEx before a legacy command', { ...command, enhanced: false, modEx: [offset] }],
  ])('%s', (_, bad) => {
    const error = expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TAG_SIZE' })
    expect(() => encodeVideoTag(bad)).toThrow(error)
  })

  test('whatever the numbers, it is an FlvError or bytes', () => {
    const number = fc.oneof(fc.nat(20), fc.integer(), fc.double())
    const property = fc.property(number, number, number, number, fc.string(), (a, b, c, d, fourCc) => {
      const tags: VideoTag[] = [
        { ...tag, frameType: a, packetType: b, tracks: [{ ...track, trackId: c, compositionTime: d, fourCc }] },
        { ...legacy, frameType: a, codecId: b, packetType: c, compositionTime: d },
        { ...command, command: a, codecIdOrPacketType: b, modEx: [{ ...offset, nanoseconds: c }] },
      ]
      for (const each of tags) {
        try {
          expect(encodeVideoTag(each)).toBeInstanceOf(Buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(FlvError)
        }
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})

function expectIdentity(payload: Uint8Array): VideoTag {
  const tag = parseVideoTag(payload)
  expect(encodeVideoTag(tag).equals(payload)).toBe(true)
  return tag
}
