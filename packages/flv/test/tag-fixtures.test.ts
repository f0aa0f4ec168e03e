import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AudioTag,
  audioTrackOf,
  audioTracks,
  colorInfoOf,
  encodeAudioTag,
  encodeColorInfo,
  encodeMultichannelConfig,
  encodeVideoTag,
  FlvMuxer,
  type MediaMessage,
  type ModEx,
  parseAudioTag,
  parseMultichannelConfig,
  parseVideoTag,
  type VideoTag,
  videoTrackOf,
  videoTracks,
} from '@rtmpipe/flv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demux } from './support/demux.ts'
import { allFixtures, readFixture, readListing } from './support/fixtures.ts'
import { hex } from './support/hex.ts'
import { type Listing, listMessages } from './support/listing.ts'
import { libav } from './support/readers.ts'

// Bytes by FFmpeg: see fixtures/README.md.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtmpipe-flv-'))
})
afterAll(() => rm(folder, { recursive: true }))

const audioType = 8
const videoType = 9

test.each(allFixtures)('%s: every message, parsed and written, is the same bytes, and none is opaque', name => {
  for (const { messageTypeId, payload } of demux(readFixture(name))) {
    if (messageTypeId === videoType) {
      expect(parseVideoTag(payload).kind).toMatch(/legacy|enhanced/)
      expect(encodeVideoTag(parseVideoTag(payload)).equals(payload)).toBe(true)
    } else if (messageTypeId === audioType) {
      expect(parseAudioTag(payload).kind).toMatch(/legacy|enhanced/)
      expect(encodeAudioTag(parseAudioTag(payload)).equals(payload)).toBe(true)
    }
  }
})

/** FourCC, track and packet type of every track that is Enhanced, once each. */
function inventory(name: string, messageTypeId: number): string[] {
  const found = new Set<string>()
  for (const message of demux(readFixture(name)).filter(each => each.messageTypeId === messageTypeId)) {
    const tag = messageTypeId === videoType ? parseVideoTag(message.payload) : parseAudioTag(message.payload)
    if (tag.kind !== 'enhanced') continue
    for (const { fourCc, trackId } of tag.tracks) {
      found.add(`${fourCc} ${tag.multitrackType === undefined ? '' : `track ${trackId} `}${tag.packetType}`)
    }
  }
  return [...found].sort()
}

test.each([
  ['hevc-opus', ['hvc1 0', 'hvc1 1', 'hvc1 4'], ['Opus 0', 'Opus 1', 'Opus 4']],
  ['av1-flac', ['av01 0', 'av01 1', 'av01 4'], ['fLaC 0', 'fLaC 1', 'fLaC 4']],
  ['vp9-ac3', ['vp09 0', 'vp09 1', 'vp09 4'], ['ac-3 0', 'ac-3 1', 'ac-3 4']],
  ['multitrack', ['avc1 track 1 0', 'avc1 track 1 1'], ['mp4a track 1 0', 'mp4a track 1 1', 'mp4a track 1 4']],
  ['hevc-hdr-eac3', ['hvc1 0', 'hvc1 1', 'hvc1 4'], ['ec-3 0', 'ec-3 1', 'ec-3 4']],
  [
    'manycodecs',
    // FFmpeg writes the metadata of later tracks as if they were the first.
    [
      'av01 4',
      'av01 track 1 0',
      'av01 track 1 1',
      'hvc1 0',
      'hvc1 3',
      'hvc1 4',
      'vp09 4',
      'vp09 track 2 0',
      'vp09 track 2 1',
    ],
    ['.mp3 track 3', 'Opus', 'ac-3 track 5', 'ec-3 track 4', 'fLaC track 2', 'mp4a track 1'].flatMap(track =>
      [0, 1, 4].map(packetType => `${track} ${packetType}`),
    ),
  ],
  ['vp9-opus51', ['vp09 0', 'vp09 1', 'vp09 4'], ['Opus 0', 'Opus 1', 'Opus 4']],
])('%s has its codecs and packet types', (name, video, audio) => {
  expect(inventory(name, videoType)).toEqual(video)
  expect(inventory(name, audioType)).toEqual(audio)
})

/** Data of the tracks of one packet type. */
function dataOf(name: string, messageTypeId: number, packetType: number): Uint8Array[] {
  const messages = demux(readFixture(name)).filter(message => message.messageTypeId === messageTypeId)
  return messages.flatMap(({ payload }) => {
    const tag = messageTypeId === videoType ? parseVideoTag(payload) : parseAudioTag(payload)
    return tag.kind === 'enhanced' && tag.packetType === packetType ? tag.tracks.map(track => track.data) : []
  })
}

test('the HDR metadata that FFmpeg writes are typed', () => {
  const [data] = dataOf('hevc-hdr-eac3', videoType, 4)
  const info = colorInfoOf(data!)
  expect(info).toEqual({
    colorConfig: { colorPrimaries: 9, transferCharacteristics: 16, matrixCoefficients: 9 },
    hdrCll: { maxFall: 400, maxCLL: 1000 },
    hdrMdcv: {
      redX: 0.68,
      redY: 0.32,
      greenX: 0.265,
      greenY: 0.69,
      blueX: 0.15,
      blueY: 0.06,
      whitePointX: 0.3127,
      whitePointY: 0.329,
      maxLuminance: 1000,
      minLuminance: 0.005,
    },
  })
  expect(colorInfoOf(encodeColorInfo(info!))).toEqual(info)
})

test.each([
  ['hevc-hdr-eac3', { order: 'native', channelCount: 6, channelFlags: 0x60f }],
  ['vp9-opus51', { order: 'native', channelCount: 6, channelFlags: 0x3f }],
  ['av1-flac', { order: 'native', channelCount: 1, channelFlags: 4 }],
])('%s: the channels that FFmpeg writes are typed', (name, config) => {
  const [data] = dataOf(name, audioType, 4)
  expect(parseMultichannelConfig(data!)).toEqual(config)
  expect(encodeMultichannelConfig(parseMultichannelConfig(data!)!).equals(data!)).toBe(true)
})

// What we write is read by FFmpeg 8.1.

const modEx: readonly ModEx[] = [
  { kind: 'opaque', type: 9, data: hex('01') },
  { kind: 'timestampOffsetNano', nanoseconds: 250_000 },
  { kind: 'opaque', type: 3, data: Buffer.alloc(300, 7) },
]
const enhancedFixtures = allFixtures.filter(name => !name.startsWith('h26'))

describe.each(enhancedFixtures)('%s', name => {
  test('with ModEx packets before every Enhanced message, FFmpeg reads the same', async context => {
    const messages = demux(readFixture(name)).map(message => rewritten(message, tag => ({ ...tag, modEx })))
    expect(listMessages(messages)).toEqual(readListing(name))
    expect(await libav(context, await written(`${name}-modex`, messages))).toEqual(readListing(name))
  })

  test.for([
    ['OneTrack', 0],
    ['ManyTracks', 1],
    ['ManyTracksManyCodecs', 2],
  ] as const)('with every Enhanced message as %s, FFmpeg reads the same', async ([, multitrackType], context) => {
    const messages = demux(readFixture(name)).map(message => rewritten(message, tag => ({ ...tag, multitrackType })))
    expect(listMessages(messages)).toEqual(readListing(name))
    expect(await libav(context, await written(`${name}-${multitrackType}`, messages))).toEqual(readListing(name))
  })
})

test('with the tracks of one time in one message, FFmpeg reads the same', async context => {
  const messages = grouped(demux(readFixture('manycodecs')))
  const sizes = messages.map(
    ({ messageTypeId, payload }) => (messageTypeId === videoType ? videoTracks(payload) : audioTracks(payload)).length,
  )
  expect(sizes).toEqual(expect.arrayContaining([2, 3, 4, 5]))
  const listing = await libav(context, await written('grouped', messages))
  expect(byStream(listing)).toEqual(byStream(readListing('manycodecs')))
  expect(byStream(listMessages(messages))).toEqual(byStream(readListing('manycodecs')))
})

test.for([
  [1, 'av1'],
  [2, 'vp9'],
] as const)('video track %i on its own, FFmpeg reads as %s', async ([trackId, codec], context) => {
  const messages = grouped(demux(readFixture('manycodecs'))).flatMap(message => {
    const payload = message.messageTypeId === videoType ? videoTrackOf(message.payload, trackId) : undefined
    return payload === undefined ? [] : [{ ...message, payload }]
  })
  expect(byStream(await libav(context, await written(`track-${trackId}`, messages)))).toEqual({
    [codec]: byStream(readListing('manycodecs'))[codec],
  })
})

test.for([
  [1, 'aac'],
  [3, 'mp3'],
  [4, 'eac3'],
] as const)('audio track %i on its own, FFmpeg reads as %s', async ([trackId, codec], context) => {
  const messages = grouped(demux(readFixture('manycodecs'))).flatMap(message => {
    const payload = message.messageTypeId === audioType ? audioTrackOf(message.payload, trackId) : undefined
    return payload === undefined ? [] : [{ ...message, payload }]
  })
  expect(byStream(await libav(context, await written(`audio-track-${trackId}`, messages)))).toEqual({
    [codec]: byStream(readListing('manycodecs'))[codec],
  })
})

/** Packets by the name of their codec, of which there is one stream each. FFmpeg has empty ones for some headers. */
function byStream({ codecs, packets }: Listing): Record<string, object[]> {
  const streams = codecs.map((codec, stream) => [
    codec,
    packets.filter(packet => packet.stream === stream && packet.size > 0).map(packet => ({ ...packet, stream: 0 })),
  ])
  return Object.fromEntries(streams) as Record<string, object[]>
}

/** Coded frames that can be in one message, in one message. */
function grouped(messages: readonly MediaMessage[]): MediaMessage[] {
  const groups = new Map<string, { message: MediaMessage; tags: EnhancedTag[] }>()
  const rest: [string, MediaMessage][] = []
  for (const message of messages) {
    const tag = enhancedTag(message)
    // FFmpeg looks no further than the first header of a message.
    if (tag === undefined || (tag.packetType !== 1 && tag.packetType !== 3)) {
      rest.push([`other ${rest.length}`, message])
      continue
    }
    const frameType = 'frameType' in tag ? tag.frameType : 0
    const key = [message.messageTypeId, message.timestamp, tag.packetType, frameType].join()
    const group = groups.get(key) ?? { message, tags: [] }
    group.tags.push(tag)
    groups.set(key, group)
    if (group.tags.length === 1) rest.push([key, message])
  }
  return rest.map(([key, message]) => {
    const tags = groups.get(key)?.tags
    return tags === undefined
      ? message
      : rewritten(message, tag => ({ ...tag, multitrackType: 2, tracks: tags.flatMap(each => each.tracks) }))
  })
}

function enhancedTag({ messageTypeId, payload }: MediaMessage): EnhancedTag | undefined {
  if (messageTypeId !== videoType && messageTypeId !== audioType) return undefined
  const tag = messageTypeId === videoType ? parseVideoTag(payload) : parseAudioTag(payload)
  return tag.kind === 'enhanced' ? tag : undefined
}

/** An Enhanced message changed; every other as it is. */
function rewritten(message: MediaMessage, change: <Tag extends EnhancedTag>(tag: Tag) => Tag): MediaMessage {
  if (message.messageTypeId === videoType) {
    const tag = parseVideoTag(message.payload)
    return tag.kind === 'enhanced' ? { ...message, payload: encodeVideoTag(change(tag)) } : message
  }
  if (message.messageTypeId !== audioType) return message
  const tag = parseAudioTag(message.payload)
  return tag.kind === 'enhanced' ? { ...message, payload: encodeAudioTag(change(tag)) } : message
}

type EnhancedTag = Extract<VideoTag | AudioTag, { kind: 'enhanced' }>

async function written(name: string, messages: readonly MediaMessage[]): Promise<string> {
  const path = join(folder, `${name}.flv`)
  const muxer = new FlvMuxer()
  await writeFile(path, Buffer.concat([muxer.header(), ...messages.map(message => muxer.tag(message))]))
  return path
}
