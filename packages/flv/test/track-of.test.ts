import {
  type AudioTag,
  audioTrackOf,
  audioTracks,
  encodeAudioTag,
  encodeVideoTag,
  parseAudioTag,
  parseVideoTag,
  type VideoTag,
  videoTrackOf,
  videoTracks,
} from '@rtmpipe/flv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex } from './support/hex.ts'
import { audioPayload, videoPayload } from './support/payloads.ts'

const avc1 = '61766331'
const hvc1 = '68766331'
const av01 = '61763031'
const mp4a = '6d703461'
const opus = '4f707573'

test.each([
  ['one track', `96 01 ${avc1} 03 000050 65`, 3, `91 ${avc1} 000050 65`],
  ['one of many', `a6 11 ${hvc1} 00 000005 000028 aabb 01 000004 ffffff cc`, 1, `a1 ${hvc1} ffffff cc`],
  ['one of many codecs', `96 23 ${hvc1} 00 000001 aa ${av01} 05 000002 bbcc`, 5, `93 ${av01} bbcc`],
  ['the first of many codecs', `96 23 ${hvc1} 00 000001 aa ${av01} 05 000002 bbcc`, 0, `93 ${hvc1} aa`],
  ['the first of two with one id', `96 13 ${av01} 01 000001 aa 01 000001 bb`, 1, `93 ${av01} aa`],
  ['metadata', `d6 04 ${av01} 01 05`, 1, `d4 ${av01} 05`],
  ['one behind ModEx', `97 02 000001 07 00 aa 16 05 ${av01} 02 80`, 2, `97 02 000001 07 00 aa 15 ${av01} 80`],
  ['a track it does not have', `96 01 ${avc1} 03 000050 65`, 0, undefined],
  ['a plain message', `91 ${av01} aa`, 0, undefined],
  ['a legacy message', '17 01 000000 65', 0, undefined],
  ['an empty message', '', 0, undefined],
  ['a broken message', `96 11 ${av01} 00 000002 aa`, 0, undefined],
])('video: %s', (_, bytes, trackId, expected) => {
  expect(videoTrackOf(hex(bytes), trackId)).toEqual(expected && hex(expected))
})

test.each([
  ['one track', `95 00 ${mp4a} 01 1208`, 1, `90 ${mp4a} 1208`],
  ['one of many codecs', `95 21 ${mp4a} 00 000001 aa ${opus} 01 000001 fc`, 1, `91 ${opus} fc`],
  ['one behind ModEx', `97 00 aa 15 04 ${opus} 02 0002`, 2, `97 00 aa 14 ${opus} 0002`],
  ['a track it does not have', `95 00 ${mp4a} 01 1208`, 0, undefined],
  ['a plain message', `91 ${opus} fc`, 0, undefined],
  ['a legacy message', 'af 01 21', 0, undefined],
  ['an empty message', '', 0, undefined],
])('audio: %s', (_, bytes, trackId, expected) => {
  expect(audioTrackOf(hex(bytes), trackId)).toEqual(expected && hex(expected))
})

test('whatever the bytes, it is the track as the tag has it', () => {
  let found = 0
  const property = fc.property(videoPayload, audioPayload, (video, audio) => {
    for (const { trackId } of videoTracks(video)) {
      const tag = parseVideoTag(video)
      if (tag.kind !== 'enhanced') continue
      found++
      const track = tag.tracks.find(each => each.trackId === trackId)
      const expected = { ...tag, multitrackType: undefined, tracks: [{ ...track, trackId: 0 }] }
      expect(videoTrackOf(video, trackId)).toEqual(encodeVideoTag(expected as VideoTag))
    }
    for (const { trackId } of audioTracks(audio)) {
      const tag = parseAudioTag(audio)
      if (tag.kind !== 'enhanced') continue
      const track = tag.tracks.find(each => each.trackId === trackId)
      const expected = { ...tag, multitrackType: undefined, tracks: [{ ...track, trackId: 0 }] }
      expect(audioTrackOf(audio, trackId)).toEqual(encodeAudioTag(expected as AudioTag))
    }
  })
  fc.assert(property, { numRuns: 500 })
  expect(found).toBeGreaterThan(20)
})
