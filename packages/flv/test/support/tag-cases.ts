import type { AudioTag, ExTrack, ExVideoTrack, ModEx, VideoTag } from '@rtmpipe/flv'
import { hex } from './hex.ts'

/** A message, derived by hand from the tables of FLV 10.1 and Enhanced RTMP v2, and the values in it. */
export interface TagCase<Tag> {
  readonly name: string
  readonly payload: Buffer
  readonly tag: Tag
}

type VideoRow = [name: string, bytes: string, tag: VideoTag]
type AudioRow = [name: string, bytes: string, tag: AudioTag]

const video: VideoRow[] = []
const audio: AudioRow[] = []

const avc1 = '61766331'
const hvc1 = '68766331'
const av01 = '61763031'
const opus = '4f707573'
const mp4a = '6d703461'

function enhancedVideo(
  frameType: number,
  packetType: number,
  ...tracks: ExVideoTrack[]
): VideoTag & { kind: 'enhanced' } {
  return { kind: 'enhanced', frameType, modEx: [], packetType, multitrackType: undefined, tracks }
}

function picture(trackId: number, fourCc: string, data: string, compositionTime = 0): ExVideoTrack {
  return { trackId, fourCc, compositionTime, data: hex(data) }
}

function enhancedAudio(packetType: number, ...tracks: ExTrack[]): AudioTag & { kind: 'enhanced' } {
  return { kind: 'enhanced', modEx: [], packetType, multitrackType: undefined, tracks }
}

function sound(trackId: number, fourCc: string, data: string): ExTrack {
  return { trackId, fourCc, data: hex(data) }
}

function nanoseconds(value: number): ModEx {
  return { kind: 'timestampOffsetNano', nanoseconds: value }
}

function modifier(type: number, data: string): ModEx {
  return { kind: 'opaque', type, data: hex(data) }
}

// Video: every codec in every packet type.

const timed = [
  ['avc1', avc1, '0164001fffe1'],
  ['hvc1', hvc1, '0101600000'],
  ['vvc1', '76766331', 'ff001165'],
] as const
const untimed = [
  ['av01', av01, '81000c00'],
  ['vp08', '76703038', '01000000000a08010101'],
  ['vp09', '76703039', '0100000000000a08'],
] as const

for (const [fourCc, bytes, record] of [...timed, ...untimed]) {
  video.push(
    [`${fourCc} SequenceStart`, `90 ${bytes} ${record}`, enhancedVideo(1, 0, picture(0, fourCc, record))],
    [`${fourCc} SequenceEnd`, `92 ${bytes}`, enhancedVideo(1, 2, picture(0, fourCc, ''))],
    [`${fourCc} CodedFramesX`, `a3 ${bytes} 00000001`, enhancedVideo(2, 3, picture(0, fourCc, '00000001'))],
    [`${fourCc} Metadata`, `d4 ${bytes} 020001 61 05`, enhancedVideo(5, 4, picture(0, fourCc, '0200016105'))],
    [`${fourCc} MPEG2TSSequenceStart`, `95 ${bytes} 8004`, enhancedVideo(1, 5, picture(0, fourCc, '8004'))],
    [`${fourCc} packet type 8`, `98 ${bytes} 0102`, enhancedVideo(1, 8, picture(0, fourCc, '0102'))],
    [
      `${fourCc} Multitrack OneTrack SequenceStart`,
      `96 00 ${bytes} 05 ${record}`,
      { ...enhancedVideo(1, 0, picture(5, fourCc, record)), multitrackType: 0 },
    ],
  )
}
for (const [fourCc, bytes] of timed) {
  video.push(
    [`${fourCc} CodedFrames`, `91 ${bytes} 000050 aabb`, enhancedVideo(1, 1, picture(0, fourCc, 'aabb', 80))],
    [
      `${fourCc} CodedFrames shown before it is decoded`,
      `a1 ${bytes} ffffd8 aabb`,
      enhancedVideo(2, 1, picture(0, fourCc, 'aabb', -40)),
    ],
    [
      `${fourCc} CodedFrames, the greatest composition time`,
      `b1 ${bytes} 7fffff`,
      enhancedVideo(3, 1, picture(0, fourCc, '', 8_388_607)),
    ],
    [
      `${fourCc} CodedFrames, the least composition time`,
      `c1 ${bytes} 800000`,
      enhancedVideo(4, 1, picture(0, fourCc, '', -8_388_608)),
    ],
    [
      `${fourCc} Multitrack ManyTracks CodedFrames`,
      `a6 11 ${bytes} 00 000005 000028 aabb 01 000003 ffffff`,
      { ...enhancedVideo(2, 1, picture(0, fourCc, 'aabb', 40), picture(1, fourCc, '', -1)), multitrackType: 1 },
    ],
    [
      `${fourCc} ModEx CodedFrames`,
      `97 02 0f423f 01 ${bytes} 000028 aa`,
      { ...enhancedVideo(1, 1, picture(0, fourCc, 'aa', 40)), modEx: [nanoseconds(999_999)] },
    ],
  )
}
for (const [fourCc, bytes] of untimed) {
  video.push(
    [`${fourCc} CodedFrames`, `91 ${bytes} 000050`, enhancedVideo(1, 1, picture(0, fourCc, '000050'))],
    [
      `${fourCc} Multitrack ManyTracks CodedFrames`,
      `a6 11 ${bytes} 00 000002 aabb ff 000000`,
      { ...enhancedVideo(2, 1, picture(0, fourCc, 'aabb'), picture(255, fourCc, '')), multitrackType: 1 },
    ],
    [
      `${fourCc} ModEx CodedFrames`,
      `97 02 000001 01 ${bytes} aa`,
      { ...enhancedVideo(1, 1, picture(0, fourCc, 'aa')), modEx: [nanoseconds(1)] },
    ],
  )
}

video.push(
  // Multitrack
  [
    'Multitrack ManyTracksManyCodecs CodedFrames',
    `96 21 ${hvc1} 00 000004 000028 aa ${av01} 05 000002 bbcc`,
    { ...enhancedVideo(1, 1, picture(0, 'hvc1', 'aa', 40), picture(5, 'av01', 'bbcc')), multitrackType: 2 },
  ],
  [
    'Multitrack ManyTracksManyCodecs SequenceStart',
    `96 20 ${hvc1} 00 000001 01 ${av01} 01 000002 8100`,
    { ...enhancedVideo(1, 0, picture(0, 'hvc1', '01'), picture(1, 'av01', '8100')), multitrackType: 2 },
  ],
  [
    'Multitrack ManyTracksManyCodecs of an unknown codec',
    `96 21 78787878 07 000003 010203`,
    { ...enhancedVideo(1, 1, picture(7, 'xxxx', '010203')), multitrackType: 2 },
  ],
  [
    'Multitrack ManyTracks with one id twice',
    `96 13 ${av01} 01 000001 aa 01 000001 bb`,
    { ...enhancedVideo(1, 3, picture(1, 'av01', 'aa'), picture(1, 'av01', 'bb')), multitrackType: 1 },
  ],
  [
    'Multitrack SequenceEnd',
    `96 12 ${av01} 00 000000 01 000000`,
    { ...enhancedVideo(1, 2, picture(0, 'av01', ''), picture(1, 'av01', '')), multitrackType: 1 },
  ],
  [
    'Multitrack Metadata with the frame type of a command',
    `d6 04 ${av01} 01 020001 61 05`,
    { ...enhancedVideo(5, 4, picture(1, 'av01', '0200016105')), multitrackType: 0 },
  ],
  // ModEx
  [
    'ModEx of two, then Multitrack',
    `97 02 00c350 07 00 aa 16 01 ${avc1} 03 000050 65`,
    {
      ...enhancedVideo(1, 1, picture(3, 'avc1', '65', 80)),
      modEx: [nanoseconds(50_000), modifier(1, 'aa')],
      multitrackType: 0,
    },
  ],
  [
    'ModEx of an unknown type',
    `97 01 aabb f3 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(15, 'aabb')] },
  ],
  [
    'ModEx of 255 bytes, the longest of 8 bits',
    `97 fe ${'cc'.repeat(255)} 13 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(1, 'cc'.repeat(255))] },
  ],
  [
    'ModEx of 256 bytes, the shortest of 16 bits',
    `97 ff 00ff ${'cc'.repeat(256)} 13 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(1, 'cc'.repeat(256))] },
  ],
  [
    'ModEx of 65,536 bytes, the longest',
    `97 ff ffff ${'cc'.repeat(65_536)} 13 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(1, 'cc'.repeat(65_536))] },
  ],
  [
    'ModEx of 3 bytes with a length of 16 bits',
    `97 ff 0002 00c350 03 ${hvc1} 00`,
    {
      ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')),
      modEx: [{ kind: 'opaque', type: 0, data: hex('00c350'), wide: true }],
    },
  ],
  [
    'ModEx with more nanoseconds than a millisecond has',
    `97 02 0f4240 03 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(0, '0f4240')] },
  ],
  [
    'ModEx with bytes behind the nanoseconds',
    `97 03 000001 ff 03 ${hvc1} 00`,
    { ...enhancedVideo(1, 3, picture(0, 'hvc1', '00')), modEx: [modifier(0, '000001ff')] },
  ],
  // Of no known codec, packet type or frame type
  ['unknown FourCC', '91 78797a7b 000050', enhancedVideo(1, 1, picture(0, 'xyz{', '000050'))],
  ['FourCC that is no text', '91 00ff80e9 00', enhancedVideo(1, 1, picture(0, '\0\xff\x80\xe9', '00'))],
  ['SequenceEnd with bytes', `92 ${hvc1} 00`, enhancedVideo(1, 2, picture(0, 'hvc1', '00'))],
  ['Metadata with frame type 0', `84 ${av01} 05`, enhancedVideo(0, 4, picture(0, 'av01', '05'))],
  ['reserved frame type', `f1 ${av01} 00`, enhancedVideo(7, 1, picture(0, 'av01', '00'))],
  // Commands
  ...[
    ['StartSeek', 0],
    ['EndSeek', 1],
  ].flatMap(([name, command]): VideoRow[] => [
    [
      `command ${name}`,
      `52 0${command}`,
      { kind: 'command', enhanced: false, command: command as number, codecIdOrPacketType: 2, modEx: [] },
    ],
    [
      `command ${name} in AVC`,
      `57 0${command}`,
      { kind: 'command', enhanced: false, command: command as number, codecIdOrPacketType: 7, modEx: [] },
    ],
    [
      `command ${name}, Enhanced`,
      `d1 0${command}`,
      { kind: 'command', enhanced: true, command: command as number, codecIdOrPacketType: 1, modEx: [] },
    ],
  ]),
  [
    'command after ModEx',
    'd7 02 000001 00 01',
    { kind: 'command', enhanced: true, command: 1, codecIdOrPacketType: 0, modEx: [nanoseconds(1)] },
  ],
  [
    'command in a Multitrack message',
    'd6 00',
    { kind: 'command', enhanced: true, command: 0, codecIdOrPacketType: 6, modEx: [] },
  ],
  ['unknown command', 'd0 ff', { kind: 'command', enhanced: true, command: 255, codecIdOrPacketType: 0, modEx: [] }],
  // Legacy
  ['legacy AVC SequenceStart', '17 00 000000 0164', legacy(1, 7, 0, 0, '0164')],
  ['legacy AVC CodedFrames', '17 01 000050 65', legacy(1, 7, 1, 80, '65')],
  ['legacy AVC CodedFrames shown before it is decoded', '27 01 ffffd8 41', legacy(2, 7, 1, -40, '41')],
  ['legacy AVC SequenceEnd', '17 02 000000', legacy(1, 7, 2, 0, '')],
  ['legacy AVC SequenceEnd with a composition time', '17 02 000001', legacy(1, 7, 2, 1, '')],
  ['legacy AVC of an unknown packet type', '17 63 000000 01', legacy(1, 7, 99, 0, '01')],
  ['legacy HEVC by its unofficial id', '1c 01 000000 26', legacy(1, 12, 1, 0, '26')],
  ['legacy AV1 by its unofficial id', '1d 00 000000 81', legacy(1, 13, 0, 0, '81')],
  ['legacy Sorenson H.263', '32 0084', legacy(3, 2, undefined, 0, '0084')],
  ['legacy Screen video', '13 1040', legacy(1, 3, undefined, 0, '1040')],
  ['legacy VP6', '24 0080', legacy(2, 4, undefined, 0, '0080')],
  ['legacy VP6 with alpha', '15 00000000', legacy(1, 5, undefined, 0, '00000000')],
  ['legacy Screen video 2', '16 1040', legacy(1, 6, undefined, 0, '1040')],
  ['legacy unknown codec', '1f aa', legacy(1, 15, undefined, 0, 'aa')],
  ['empty', '', { kind: 'empty' }],
  // What cannot be taken apart
  ...[
    ['AVC cut short in its composition time', '17 01 0000'],
    ['legacy command with bytes behind it', '57 00 000000 00'],
    ['legacy command without its byte', '52'],
    ['Enhanced command with bytes behind it', 'd1 00 00'],
    ['Enhanced command without its byte', 'd1'],
    ['Enhanced cut short in its FourCC', '91 617630'],
    ['Enhanced cut short in its composition time', `91 ${hvc1} 0000`],
    ['Multitrack cut short', '96'],
    ['Multitrack without a track', `96 11 ${av01}`],
    ['Multitrack with a track longer than the message', `96 11 ${av01} 00 000002 aa`],
    ['Multitrack with a track cut short in its length', `96 11 ${av01} 00 0000`],
    ['Multitrack with a track too short for its composition time', `96 11 ${avc1} 00 000002 0000`],
    ['Multitrack of an unknown type', `96 31 ${av01} 00`],
    ['Multitrack in Multitrack', `96 06 ${av01} 00`],
    ['ModEx in Multitrack', `96 07 ${av01} 00`],
    ['ModEx cut short', '97 ff ffff 00'],
    ['ModEx without an end', '97 00 aa'],
    ['nine ModEx packets', `97 ${'00 aa 17'.repeat(8)} 00 aa 10 ${av01} 81`],
  ].map(([name, bytes]): VideoRow => [name!, bytes!, { kind: 'opaque', payload: hex(bytes!) }]),
)

function legacy(
  frameType: number,
  codecId: number,
  packetType: number | undefined,
  compositionTime: number,
  data: string,
): VideoTag {
  return { kind: 'legacy', frameType, codecId, packetType, compositionTime, data: hex(data) }
}

// Audio: every codec in every packet type.

for (const [fourCc, bytes, record] of [
  ['mp4a', mp4a, '1210'],
  ['Opus', opus, '4f707573486561640102'],
  ['fLaC', '664c6143', '664c6143 80000022'],
  ['ac-3', '61632d33', ''],
  ['ec-3', '65632d33', ''],
  ['.mp3', '2e6d7033', ''],
] as const) {
  audio.push(
    [`${fourCc} SequenceStart`, `90 ${bytes} ${record}`, enhancedAudio(0, sound(0, fourCc, record))],
    [`${fourCc} CodedFrames`, `91 ${bytes} 0b77`, enhancedAudio(1, sound(0, fourCc, '0b77'))],
    [`${fourCc} SequenceEnd`, `92 ${bytes}`, enhancedAudio(2, sound(0, fourCc, ''))],
    [`${fourCc} MultichannelConfig`, `94 ${bytes} 01 06 0000060f`, enhancedAudio(4, sound(0, fourCc, '01060000060f'))],
    [`${fourCc} packet type 3`, `93 ${bytes} 01`, enhancedAudio(3, sound(0, fourCc, '01'))],
    [`${fourCc} packet type 6`, `96 ${bytes} 01`, enhancedAudio(6, sound(0, fourCc, '01'))],
    [
      `${fourCc} Multitrack OneTrack CodedFrames`,
      `95 01 ${bytes} 02 0b77`,
      { ...enhancedAudio(1, sound(2, fourCc, '0b77')), multitrackType: 0 },
    ],
    [
      `${fourCc} Multitrack ManyTracks CodedFrames`,
      `95 11 ${bytes} 00 000002 0b77 01 000000`,
      { ...enhancedAudio(1, sound(0, fourCc, '0b77'), sound(1, fourCc, '')), multitrackType: 1 },
    ],
    [
      `${fourCc} ModEx CodedFrames`,
      `97 02 0f423f 01 ${bytes} 0b77`,
      { ...enhancedAudio(1, sound(0, fourCc, '0b77')), modEx: [nanoseconds(999_999)] },
    ],
  )
}

const pcm = { kind: 'legacy', soundFormat: 3, soundRate: 3, soundSize: 1, soundType: 0, packetType: undefined } as const

audio.push(
  [
    'Multitrack ManyTracksManyCodecs CodedFrames',
    `95 21 ${mp4a} 00 000001 aa ${opus} 01 000000`,
    { ...enhancedAudio(1, sound(0, 'mp4a', 'aa'), sound(1, 'Opus', '')), multitrackType: 2 },
  ],
  [
    'Multitrack MultichannelConfig',
    `95 14 ${mp4a} 00 000002 0002 01 000002 0006`,
    { ...enhancedAudio(4, sound(0, 'mp4a', '0002'), sound(1, 'mp4a', '0006')), multitrackType: 1 },
  ],
  [
    'ModEx of an unknown type, then Multitrack',
    `97 00 aa 95 20 ${mp4a} 01 000002 1208`,
    { ...enhancedAudio(0, sound(1, 'mp4a', '1208')), modEx: [modifier(9, 'aa')], multitrackType: 2 },
  ],
  [
    'ModEx of 256 bytes, the shortest of 16 bits',
    `97 ff 00ff ${'cc'.repeat(256)} 11 ${opus} fc`,
    { ...enhancedAudio(1, sound(0, 'Opus', 'fc')), modEx: [modifier(1, 'cc'.repeat(256))] },
  ],
  ['unknown FourCC', '91 78797a7b 00', enhancedAudio(1, sound(0, 'xyz{', '00'))],
  ['packet type 15', `9f ${opus} 00`, enhancedAudio(15, sound(0, 'Opus', '00'))],
  [
    'legacy AAC SequenceStart',
    'af 00 1210',
    { ...pcm, soundFormat: 10, soundType: 1, packetType: 0, data: hex('1210') },
  ],
  ['legacy AAC CodedFrames', 'af 01 21', { ...pcm, soundFormat: 10, soundType: 1, packetType: 1, data: hex('21') }],
  [
    'legacy AAC with other rate bits',
    'a4 01 21',
    { ...pcm, soundFormat: 10, soundRate: 1, soundSize: 0, packetType: 1, data: hex('21') },
  ],
  [
    'legacy AAC of an unknown packet type',
    'af 63',
    { ...pcm, soundFormat: 10, soundType: 1, packetType: 99, data: hex('') },
  ],
  ['legacy PCM', '3e 0000', { ...pcm, data: hex('0000') }],
  ...(
    [
      ['platform PCM', 0, '0e'],
      ['ADPCM', 1, '1e'],
      ['MP3', 2, '2e'],
      ['Nellymoser at 16 kHz', 4, '4e'],
      ['Nellymoser at 8 kHz', 5, '5e'],
      ['Nellymoser', 6, '6e'],
      ['A-law', 7, '7e'],
      ['mu-law', 8, '8e'],
      ['Speex', 11, 'be'],
      ['reserved format 12', 12, 'ce'],
      ['reserved format 13', 13, 'de'],
      ['MP3 at 8 kHz', 14, 'ee'],
      ['device specific', 15, 'fe'],
    ] as const
  ).map(
    ([name, soundFormat, byte]): AudioRow => [`legacy ${name}`, `${byte} 00`, { ...pcm, soundFormat, data: hex('00') }],
  ),
  ['legacy without data', '2f', { ...pcm, soundFormat: 2, soundType: 1, data: hex('') }],
  ['silence', '', { kind: 'empty' }],
  ...[
    ['AAC cut short', 'af'],
    ['Enhanced cut short in its FourCC', '91 4f7075'],
    ['Multitrack without a track', `95 11 ${opus}`],
    ['Multitrack with a track longer than the message', `95 11 ${opus} 00 000002 aa`],
    ['Multitrack of an unknown type', `95 31 ${opus} 00`],
    ['Multitrack in Multitrack', `95 05 ${opus} 00`],
    ['ModEx in Multitrack', `95 07 ${opus} 00`],
    ['ModEx cut short', '97 02 0000'],
  ].map(([name, bytes]): AudioRow => [name!, bytes!, { kind: 'opaque', payload: hex(bytes!) }]),
)

export const videoTagCases: readonly TagCase<VideoTag>[] = video.map(toCase)
export const audioTagCases: readonly TagCase<AudioTag>[] = audio.map(toCase)

function toCase<Tag>([name, bytes, tag]: [string, string, Tag]): TagCase<Tag> {
  return { name, payload: hex(bytes), tag }
}
