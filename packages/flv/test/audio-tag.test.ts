import { type AudioTag, encodeAudioTag, FlvError, parseAudioTag } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audioCases } from './support/cases.ts'
import { hex } from './support/hex.ts'
import { audioPayload } from './support/payloads.ts'
import { audioTagCases } from './support/tag-cases.ts'
import { audioTag } from './support/tags.ts'

describe.each(audioTagCases)('$name', ({ payload, tag }) => {
  test('is parsed', () => {
    expect(parseAudioTag(payload)).toEqual(tag)
  })

  test('is written', () => {
    expect(encodeAudioTag(tag)).toEqual(payload)
  })
})

test.each(audioCases)('$name: parsed and written, cut short or not, it is the same bytes', ({ payload }) => {
  for (let length = 0; length <= payload.length; length++) expectIdentity(payload.subarray(0, length))
})

test('whatever the bytes, parsed and written they are the same', () => {
  let enhanced = 0
  const property = fc.property(audioPayload, payload => {
    if (expectIdentity(payload).kind === 'enhanced') enhanced++
  })
  fc.assert(property, { numRuns: 1500 })
  expect(enhanced).toBeGreaterThan(150)
})

test('whatever the tag, written and parsed it is the same', () => {
  const property = fc.property(audioTag, tag => {
    expect(parseAudioTag(encodeAudioTag(tag))).toEqual(tag)
  })
  fc.assert(property, { numRuns: 300 })
})

describe('there is no room for', () => {
  const track = { trackId: 0, fourCc: 'Opus', data: hex('fc') }
  const tag = { kind: 'enhanced', modEx: [], packetType: 1, multitrackType: undefined, tracks: [track] } as const
  const legacy = {
    kind: 'legacy',
    soundFormat: 10,
    soundRate: 3,
    soundSize: 1,
    soundType: 1,
    packetType: 1,
    data: hex('21'),
  } as const

  test('nothing in the tags that the others are made of', () => {
    for (const each of [tag, legacy]) expect(parseAudioTag(encodeAudioTag(each))).toEqual(each)
  })

  test.each<[string, AudioTag]>([
    ['packet type 16', { ...tag, packetType: 16 }],
    ['packet type Multitrack', { ...tag, packetType: 5 }],
    ['packet type ModEx', { ...tag, packetType: 7 }],
    ['no track', { ...tag, tracks: [] }],
    ['track 256', { ...tag, multitrackType: 0, tracks: [{ ...track, trackId: 256 }] }],
    ['a FourCC of three', { ...tag, tracks: [{ ...track, fourCc: 'mp3' }] }],
    ['the sound format of Enhanced messages', { ...legacy, soundFormat: 9 }],
    ['sound format 16', { ...legacy, soundFormat: 16 }],
    ['sound format -1', { ...legacy, soundFormat: -1 }],
    ['sound rate 4', { ...legacy, soundRate: 4 }],
    ['sound size 2', { ...legacy, soundSize: 2 }],
    ['sound type 2', { ...legacy, soundType: 2 }],
    ['legacy packet type 256', { ...legacy, packetType: 256 }],
  ])('%s', (_, bad) => {
    const error = expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TAG_SIZE' })
    expect(() => encodeAudioTag(bad)).toThrow(error)
  })

  test('whatever the numbers, it is an FlvError or bytes', () => {
    const number = fc.oneof(fc.nat(16), fc.integer(), fc.double())
    const property = fc.property(number, number, number, number, number, (a, b, c, d, e) => {
      const tags: AudioTag[] = [
        { ...legacy, soundFormat: a, soundRate: b, soundSize: c, soundType: d, packetType: e },
        { ...tag, packetType: a, tracks: [{ ...track, trackId: b }] },
      ]
      for (const each of tags) {
        try {
          expect(encodeAudioTag(each)).toBeInstanceOf(Buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(FlvError)
        }
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})

function expectIdentity(payload: Uint8Array): AudioTag {
  const tag = parseAudioTag(payload)
  expect(encodeAudioTag(tag).equals(payload)).toBe(true)
  return tag
}
