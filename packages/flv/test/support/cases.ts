import { hex } from './hex.ts'

/** What a message is, apart from its parsed head. */
export type Role = 'keyframe' | 'frame' | 'disposable' | 'header' | 'other'

/** A message body, derived by hand from the FLV and Enhanced RTMP specifications, and what is to be read out of it. */
export interface Case {
  readonly name: string
  readonly payload: Buffer
  readonly role: Role
  /** What the parsed header contains; undefined if it is not to be parsed. */
  readonly header: object | undefined
}

const track = (trackId: number, codec: string, bodyStart: number, bodyEnd: number, compositionTime: number) => ({
  trackId,
  codec,
  bodyStart,
  bodyEnd,
  compositionTime,
})
const avc1 = '61766331'
const hvc1 = '68766331'
const av01 = '61763031'
const vp09 = '76703039'
const unknown = '78787878'

export const videoCases: readonly Case[] = [
  {
    name: 'AVC keyframe',
    payload: hex('17 01 000050 00000001 65'),
    role: 'keyframe',
    header: {
      enhanced: false,
      frameType: 1,
      packetType: 1,
      multitrackType: undefined,
      timestampOffsetNano: 0,
      codec: 'avc1',
      compositionTime: 80,
      headerLength: 5,
      tracks: [track(0, 'avc1', 5, 10, 80)],
    },
  },
  {
    name: 'AVC frame presented before it is decoded',
    payload: hex('27 01 ffffd8 00000001 41'),
    role: 'frame',
    header: { frameType: 2, compositionTime: -40 },
  },
  {
    name: 'AVC frame with the smallest composition time',
    payload: hex('27 01 800000'),
    role: 'frame',
    header: { compositionTime: -8_388_608, headerLength: 5 },
  },
  { name: 'AVC disposable frame', payload: hex('37 01 000000 41'), role: 'disposable', header: { frameType: 3 } },
  {
    name: 'AVC sequence header',
    payload: hex('17 00 000000 01640009'),
    role: 'header',
    header: { frameType: 1, packetType: 0, codec: 'avc1', compositionTime: 0, headerLength: 5 },
  },
  { name: 'AVC end', payload: hex('17 02 000000'), role: 'other', header: { packetType: 2 } },
  { name: 'AVC of an unknown packet type', payload: hex('17 03 000000'), role: 'other', header: undefined },
  { name: 'AVC cut short in its composition time', payload: hex('17 01 0000'), role: 'keyframe', header: undefined },
  { name: 'AVC cut short before its packet type', payload: hex('17'), role: 'other', header: undefined },
  {
    name: 'HEVC header by its unofficial id',
    payload: hex('1c 00 000000 01'),
    role: 'header',
    header: { codec: 'hvc1' },
  },
  {
    name: 'HEVC keyframe by its unofficial id',
    payload: hex('1c 01 000000 26'),
    role: 'keyframe',
    header: { codec: 'hvc1' },
  },
  {
    name: 'AV1 keyframe by its unofficial id',
    payload: hex('1d 01 000000 0a'),
    role: 'keyframe',
    header: { codec: 'av01' },
  },
  {
    name: 'H.263 keyframe',
    payload: hex('12 0000 8400'),
    role: 'keyframe',
    header: { enhanced: false, packetType: 1, codec: 'h263', compositionTime: 0, headerLength: 1 },
  },
  {
    name: 'H.263 keyframe that looks like a header',
    payload: hex('12 00'),
    role: 'keyframe',
    header: { codec: 'h263' },
  },
  { name: 'H.263 disposable frame', payload: hex('32 0000 8402'), role: 'disposable', header: { frameType: 3 } },
  { name: 'VP6 frame', payload: hex('24 00 80'), role: 'frame', header: { codec: 'vp6', frameType: 2 } },
  { name: 'VP6 with alpha', payload: hex('15 00 000000'), role: 'keyframe', header: { codec: 'vp6a' } },
  { name: 'Screen video', payload: hex('13 1040'), role: 'keyframe', header: { codec: 'screen' } },
  { name: 'Screen video 2', payload: hex('16 1040'), role: 'keyframe', header: { codec: 'screen2' } },
  { name: 'keyframe made by a server', payload: hex('42 0000'), role: 'frame', header: { frameType: 4 } },
  { name: 'start of a seek', payload: hex('52 00'), role: 'other', header: undefined },
  { name: 'start of a seek in AVC', payload: hex('57 00'), role: 'other', header: undefined },
  { name: 'unknown legacy codec', payload: hex('18 01 000000'), role: 'keyframe', header: undefined },
  { name: 'silence', payload: hex(''), role: 'other', header: undefined },
  {
    name: 'Enhanced HEVC header',
    payload: hex(`90 ${hvc1} 0102`),
    role: 'header',
    header: { enhanced: true, frameType: 1, packetType: 0, codec: 'hvc1', headerLength: 5, compositionTime: 0 },
  },
  {
    name: 'Enhanced HEVC keyframe',
    payload: hex(`91 ${hvc1} 000050 00000001 26`),
    role: 'keyframe',
    header: {
      enhanced: true,
      frameType: 1,
      packetType: 1,
      multitrackType: undefined,
      timestampOffsetNano: 0,
      codec: 'hvc1',
      compositionTime: 80,
      headerLength: 8,
      tracks: [track(0, 'hvc1', 8, 13, 80)],
    },
  },
  {
    name: 'Enhanced HEVC keyframe without composition time',
    payload: hex(`93 ${hvc1} 00000001 26`),
    role: 'keyframe',
    header: { packetType: 3, compositionTime: 0, headerLength: 5 },
  },
  { name: 'Enhanced HEVC frame', payload: hex(`a3 ${hvc1} 00000001`), role: 'frame', header: { frameType: 2 } },
  { name: 'Enhanced disposable frame', payload: hex(`b1 ${vp09} 00`), role: 'disposable', header: { frameType: 3 } },
  {
    name: 'Enhanced VVC keyframe',
    payload: hex('91 76766331 fffffe'),
    role: 'keyframe',
    header: { compositionTime: -2 },
  },
  {
    name: 'Enhanced AV1 keyframe, which has no composition time',
    payload: hex(`91 ${av01} 0a0b00`),
    role: 'keyframe',
    header: { codec: 'av01', compositionTime: 0, headerLength: 5 },
  },
  {
    name: 'Enhanced AV1 header as in MPEG-2 TS',
    payload: hex(`95 ${av01} 80`),
    role: 'header',
    header: { packetType: 5 },
  },
  { name: 'Enhanced end', payload: hex(`92 ${hvc1}`), role: 'other', header: { packetType: 2, headerLength: 5 } },
  {
    name: 'Enhanced metadata with the frame type of a command',
    payload: hex(`d4 ${av01} 02`),
    role: 'other',
    header: { packetType: 4, frameType: undefined, codec: 'av01' },
  },
  {
    name: 'Enhanced metadata with frame type 0',
    payload: hex(`84 ${av01} 02`),
    role: 'other',
    header: { packetType: 4, frameType: undefined },
  },
  { name: 'Enhanced command', payload: hex('d0 00'), role: 'other', header: undefined },
  { name: 'Enhanced command followed by a FourCC', payload: hex(`d1 ${av01}`), role: 'other', header: undefined },
  { name: 'Enhanced reserved frame type', payload: hex(`f1 ${av01} 00`), role: 'frame', header: undefined },
  { name: 'Enhanced unknown codec', payload: hex(`91 ${unknown} 00`), role: 'keyframe', header: undefined },
  { name: 'Enhanced unknown packet type', payload: hex(`98 ${av01} 00`), role: 'other', header: undefined },
  {
    name: 'Enhanced cut short in its composition time',
    payload: hex(`91 ${hvc1} 0000`),
    role: 'keyframe',
    header: undefined,
  },
  { name: 'Enhanced cut short in its FourCC', payload: hex('91 617630'), role: 'keyframe', header: undefined },
  {
    name: 'ModEx with a nanosecond offset',
    payload: hex(`97 02 00c350 01 ${hvc1} 000028 00`),
    role: 'keyframe',
    header: { packetType: 1, timestampOffsetNano: 50_000, compositionTime: 40, headerLength: 13 },
  },
  {
    name: 'ModEx with more nanoseconds than a millisecond has',
    payload: hex(`97 02 0f4240 01 ${av01} 00`),
    role: 'keyframe',
    header: { timestampOffsetNano: 0 },
  },
  {
    name: 'ModEx of an unknown type and of two lengths',
    payload: hex(`a7 00 aa 17 ff 0100 ${'bb'.repeat(257)} 13 ${hvc1} 00`),
    role: 'frame',
    header: { packetType: 3, timestampOffsetNano: 0, headerLength: 1 + 3 + 261 + 4 },
  },
  {
    name: 'eight ModEx packets',
    payload: hex(`97 ${'00 aa 17'.repeat(7)} 00 aa 10 ${av01} 81`),
    role: 'header',
    header: { packetType: 0, headerLength: 29 },
  },
  {
    name: 'nine ModEx packets',
    payload: hex(`97 ${'00 aa 17'.repeat(8)} 00 aa 10 ${av01} 81`),
    role: 'other',
    header: undefined,
  },
  { name: 'ModEx longer than the message', payload: hex('97 ff ffff 00'), role: 'other', header: undefined },
  { name: 'ModEx without an end', payload: hex('97 00 aa'), role: 'other', header: undefined },
  {
    name: 'one track',
    payload: hex(`96 01 ${avc1} 03 000050 00000001 65`),
    role: 'keyframe',
    header: {
      frameType: 1,
      packetType: 1,
      multitrackType: 0,
      codec: 'avc1',
      compositionTime: 80,
      headerLength: 10,
      tracks: [track(3, 'avc1', 10, 15, 80)],
    },
  },
  {
    name: 'header of one track',
    payload: hex(`96 00 ${avc1} 01 0164`),
    role: 'header',
    header: { packetType: 0, tracks: [track(1, 'avc1', 7, 9, 0)] },
  },
  {
    name: 'many tracks',
    payload: hex(`a6 11 ${hvc1} 00 000005 000028 aabb 01 000003 ffffff`),
    role: 'frame',
    header: { multitrackType: 1, tracks: [track(0, 'hvc1', 13, 15, 40), track(1, 'hvc1', 22, 22, -1)] },
  },
  {
    name: 'many tracks of many codecs',
    payload: hex(`96 23 ${hvc1} 00 000001 aa ${av01} 05 000002 bbcc`),
    role: 'keyframe',
    header: {
      multitrackType: 2,
      packetType: 3,
      codec: 'hvc1',
      tracks: [track(0, 'hvc1', 10, 11, 0), track(5, 'av01', 19, 21, 0)],
    },
  },
  {
    name: 'one track after ModEx',
    payload: hex(`97 00 aa 16 05 ${av01} 02 80`),
    role: 'header',
    header: { packetType: 5, multitrackType: 0, tracks: [track(2, 'av01', 10, 11, 0)] },
  },
  {
    name: 'track longer than the message',
    payload: hex(`96 11 ${av01} 00 000002 aa`),
    role: 'keyframe',
    header: undefined,
  },
  {
    name: 'track too short for its composition time',
    payload: hex(`96 11 ${avc1} 00 000002 0000 01 000001 00`),
    role: 'keyframe',
    header: undefined,
  },
  { name: 'many tracks, but none', payload: hex(`96 11 ${av01}`), role: 'keyframe', header: undefined },
  { name: 'multitrack in multitrack', payload: hex(`96 06 ${av01} 00`), role: 'other', header: undefined },
  { name: 'ModEx in multitrack', payload: hex(`96 07 ${av01} 00`), role: 'other', header: undefined },
  { name: 'unknown multitrack type', payload: hex(`96 31 ${av01} 00`), role: 'keyframe', header: undefined },
  { name: 'multitrack cut short', payload: hex('96'), role: 'other', header: undefined },
]

const mp4a = '6d703461'
const opus = '4f707573'
const audioTrack = (trackId: number, codec: string, bodyStart: number, bodyEnd: number) => ({
  trackId,
  codec,
  bodyStart,
  bodyEnd,
})

export const audioCases: readonly Case[] = [
  {
    name: 'AAC',
    payload: hex('af 01 2100'),
    role: 'frame',
    header: {
      enhanced: false,
      packetType: 1,
      multitrackType: undefined,
      timestampOffsetNano: 0,
      codec: 'mp4a',
      headerLength: 2,
      tracks: [audioTrack(0, 'mp4a', 2, 4)],
    },
  },
  { name: 'AAC header', payload: hex('af 00 1210'), role: 'header', header: { packetType: 0, codec: 'mp4a' } },
  { name: 'AAC header with other rate bits', payload: hex('a2 00 1210'), role: 'header', header: { packetType: 0 } },
  { name: 'AAC of an unknown packet type', payload: hex('af 02'), role: 'other', header: undefined },
  { name: 'AAC cut short', payload: hex('af'), role: 'other', header: undefined },
  { name: 'MP3', payload: hex('2f fffb'), role: 'frame', header: { codec: 'mp3', packetType: 1, headerLength: 1 } },
  { name: 'MP3 that looks like a header', payload: hex('2f 00'), role: 'frame', header: { codec: 'mp3' } },
  { name: 'MP3 at 8 kHz', payload: hex('ee fffb'), role: 'frame', header: { codec: 'mp3' } },
  { name: 'PCM', payload: hex('3e 0000'), role: 'frame', header: { codec: 'pcm' } },
  { name: 'ADPCM', payload: hex('1e 0000'), role: 'frame', header: { codec: 'adpcm' } },
  { name: 'Nellymoser at 16 kHz', payload: hex('4a 0000'), role: 'frame', header: { codec: 'nellymoser' } },
  { name: 'A-law', payload: hex('72 d5'), role: 'frame', header: { codec: 'alaw' } },
  { name: 'mu-law', payload: hex('82 ff'), role: 'frame', header: { codec: 'mulaw' } },
  { name: 'Speex', payload: hex('b2 00'), role: 'frame', header: { codec: 'speex' } },
  { name: 'device specific', payload: hex('ff 00'), role: 'frame', header: { codec: 'device' } },
  { name: 'reserved format', payload: hex('cf 00'), role: 'frame', header: undefined },
  { name: 'silence', payload: hex(''), role: 'other', header: undefined },
  {
    name: 'Enhanced Opus',
    payload: hex(`91 ${opus} fc`),
    role: 'frame',
    header: { enhanced: true, packetType: 1, codec: 'Opus', headerLength: 5, tracks: [audioTrack(0, 'Opus', 5, 6)] },
  },
  { name: 'Enhanced Opus header, empty', payload: hex(`90 ${opus}`), role: 'header', header: { packetType: 0 } },
  { name: 'Enhanced FLAC', payload: hex('91 664c6143 fff8'), role: 'frame', header: { codec: 'fLaC' } },
  { name: 'Enhanced AC-3', payload: hex('91 61632d33 0b77'), role: 'frame', header: { codec: 'ac-3' } },
  { name: 'Enhanced E-AC-3', payload: hex('91 65632d33 0b77'), role: 'frame', header: { codec: 'ec-3' } },
  { name: 'Enhanced MP3', payload: hex('91 2e6d7033 fffb'), role: 'frame', header: { codec: 'mp3', enhanced: true } },
  {
    name: 'Enhanced channel layout',
    payload: hex(`94 ${opus} 01 02 00000003`),
    role: 'other',
    header: { packetType: 4, codec: 'Opus' },
  },
  { name: 'Enhanced end', payload: hex(`92 ${mp4a}`), role: 'other', header: { packetType: 2 } },
  { name: 'Enhanced reserved packet type', payload: hex(`93 ${mp4a}`), role: 'other', header: undefined },
  { name: 'Enhanced reserved packet type', payload: hex(`96 ${mp4a}`), role: 'other', header: undefined },
  { name: 'Enhanced unknown codec', payload: hex('91 78787878 00'), role: 'frame', header: undefined },
  {
    name: 'header of one track',
    payload: hex(`95 00 ${mp4a} 01 1208`),
    role: 'header',
    header: { packetType: 0, multitrackType: 0, codec: 'mp4a', tracks: [audioTrack(1, 'mp4a', 7, 9)] },
  },
  {
    name: 'many tracks of many codecs',
    payload: hex(`95 21 ${mp4a} 00 000001 aa ${opus} 01 000000`),
    role: 'frame',
    header: { multitrackType: 2, tracks: [audioTrack(0, 'mp4a', 10, 11), audioTrack(1, 'Opus', 19, 19)] },
  },
  {
    name: 'ModEx with a nanosecond offset',
    payload: hex(`97 02 000001 01 ${opus} fc`),
    role: 'frame',
    header: { timestampOffsetNano: 1, headerLength: 10 },
  },
  { name: 'multitrack in multitrack', payload: hex(`95 05 ${opus} 00`), role: 'other', header: undefined },
]
