import {
  audioTracks,
  isAudioSequenceHeader,
  isKeyframe,
  isVideoSequenceHeader,
  parseAudioTag,
  parseVideoTag,
  type TrackInfo,
  videoTracks,
} from '@rtmpipe/flv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex } from './support/hex.ts'
import { audioPayload, videoPayload } from './support/payloads.ts'

function info(trackId: number, fourCc: string, packetType: number, role?: 'keyframe' | 'sequenceStart'): TrackInfo {
  return { trackId, fourCc, packetType, isKeyframe: role === 'keyframe', isSequenceStart: role === 'sequenceStart' }
}

const avc1 = '61766331'
const hvc1 = '68766331'
const av01 = '61763031'
const mp4a = '6d703461'
const opus = '4f707573'

test.each<[string, string, TrackInfo[]]>([
  ['one track, a header', `96 00 ${avc1} 01 0164`, [info(1, 'avc1', 0, 'sequenceStart')]],
  ['one track, a keyframe', `96 01 ${avc1} 01 000000 65`, [info(1, 'avc1', 1, 'keyframe')]],
  ['one track, another frame', `a6 03 ${avc1} 01 41`, [info(1, 'avc1', 3)]],
  ['one track, an end', `96 02 ${avc1} 01`, [info(1, 'avc1', 2)]],
  ['one track, a header as in MPEG-2 TS', `96 05 ${av01} 01 80`, [info(1, 'av01', 5, 'sequenceStart')]],
  ['one track, metadata with the frame type of a command', `d6 04 ${av01} 01 05`, [info(1, 'av01', 4)]],
  [
    'many tracks',
    `96 13 ${av01} 00 000001 aa 07 000000`,
    [info(0, 'av01', 3, 'keyframe'), info(7, 'av01', 3, 'keyframe')],
  ],
  [
    'many codecs',
    `96 20 ${hvc1} 00 000001 01 78787878 01 000000`,
    [info(0, 'hvc1', 0, 'sequenceStart'), info(1, 'xxxx', 0, 'sequenceStart')],
  ],
  ['a multitrack message behind ModEx', `97 00 aa 16 05 ${av01} 02 80`, [info(2, 'av01', 5, 'sequenceStart')]],
  // Bodies are not looked at.
  ['a body without its composition time', `96 01 ${avc1} 01`, [info(1, 'avc1', 1, 'keyframe')]],
  ['a plain Enhanced message', `91 ${av01} aa`, []],
  ['a plain Enhanced message behind ModEx', `97 00 aa 11 ${av01} aa`, []],
  ['legacy AVC', '17 00 000000 01', []],
  ['legacy that looks like multitrack', `16 01 ${av01} 00`, []],
  ['a command', 'd6 01', []],
  ['a command with a track', `d6 01 ${av01} 00`, []],
  ['an empty message', '', []],
  ['a track longer than the message', `96 11 ${av01} 00 000002 aa`, []],
  ['multitrack in multitrack', `96 06 ${av01} 00`, []],
  ['an unknown multitrack type', `96 30 ${av01} 00`, []],
  ['nothing behind the first byte', '96', []],
])('video tracks of %s', (_, bytes, expected) => {
  expect(videoTracks(hex(bytes))).toEqual(expected)
})

test.each<[string, string, TrackInfo[]]>([
  ['one track, a header', `95 00 ${mp4a} 01 1208`, [info(1, 'mp4a', 0, 'sequenceStart')]],
  ['one track, sound', `95 01 ${mp4a} 01 21`, [info(1, 'mp4a', 1)]],
  ['one track, channels', `95 04 ${mp4a} 01 0002`, [info(1, 'mp4a', 4)]],
  ['many codecs', `95 21 ${mp4a} 00 000001 aa ${opus} 01 000000`, [info(0, 'mp4a', 1), info(1, 'Opus', 1)]],
  ['a multitrack message behind ModEx', `97 00 aa 15 00 ${opus} 02`, [info(2, 'Opus', 0, 'sequenceStart')]],
  ['a plain Enhanced message', `91 ${opus} fc`, []],
  ['legacy AAC', 'af 00 1210', []],
  ['legacy that looks like multitrack', `a5 01 ${mp4a} 00`, []],
  ['an empty message', '', []],
  ['multitrack in multitrack', `95 05 ${opus} 00`, []],
  ['a track longer than the message', `95 11 ${opus} 00 000002 aa`, []],
])('audio tracks of %s', (_, bytes, expected) => {
  expect(audioTracks(hex(bytes))).toEqual(expected)
})

test('messages of one track share one empty list', () => {
  expect(videoTracks(hex(`91 ${av01} aa`))).toBe(videoTracks(hex('17 01 000000')))
})

test('whatever the bytes, tracks agree with the tag and with the predicates', () => {
  let found = 0
  const property = fc.property(videoPayload, audioPayload, (video, audio) => {
    const videoTag = parseVideoTag(video)
    for (const each of videoTracks(video)) {
      found++
      expect(each.isKeyframe).toBe(isKeyframe(video))
      if ((video[0]! & 0x70) !== 0x50) expect(each.isSequenceStart).toBe(isVideoSequenceHeader(video))
    }
    if (videoTag.kind === 'enhanced' && videoTag.multitrackType !== undefined) {
      expect(videoTracks(video).map(ids)).toEqual(videoTag.tracks.map(ids))
    }
    const audioTag = parseAudioTag(audio)
    const isMultitrack = audioTag.kind === 'enhanced' && audioTag.multitrackType !== undefined
    expect(audioTracks(audio).map(ids)).toEqual(isMultitrack ? audioTag.tracks.map(ids) : [])
    for (const each of audioTracks(audio)) expect(each.isSequenceStart).toBe(isAudioSequenceHeader(audio))
  })
  fc.assert(property, { numRuns: 600 })
  expect(found).toBeGreaterThan(30)
})

function ids({ trackId, fourCc }: { trackId: number; fourCc: string }): unknown[] {
  return [trackId, fourCc]
}
