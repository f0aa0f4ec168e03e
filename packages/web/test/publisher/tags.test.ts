import { readFileSync } from 'node:fs'
import {
  FlvDemuxer,
  metadataOf,
  parseAudioHeader,
  parseAudioTag,
  parseVideoHeader,
  parseVideoTag,
  TagType,
} from '@rtmpipe/flv'
import { describe, expect, it } from 'vitest'
import { AudioTags } from '../../src/browser/publisher/audio-tags.ts'
import type { PublishedVideo } from '../../src/browser/publisher/codecs.ts'
import { metadataBody } from '../../src/browser/publisher/metadata.ts'
import { VideoTags } from '../../src/browser/publisher/video-tags.ts'

/** Bodies of messages as FFmpeg has written them. */
function recorded(name: string, messageTypeId: number): Buffer[] {
  const bodies: Buffer[] = []
  const demuxer = new FlvDemuxer()
  demuxer.push(readFileSync(new URL(`../../../flv/test/fixtures/${name}.flv`, import.meta.url)), message => {
    if (message.messageTypeId === messageTypeId) bodies.push(message.payload)
  })
  return bodies
}

describe('pictures', () => {
  it.each([
    ['vp09', 'vp9-opus51'],
    ['av01', 'av1-flac'],
  ] as const)('%s: header and pictures are what FFmpeg makes of the same', (codec, name) => {
    const bodies = recorded(name, TagType.Video)
    const tags = new VideoTags(codec)
    const made = bodies.flatMap(body => {
      const header = parseVideoHeader(body)
      if (header === undefined || header.packetType === 0 || header.packetType === 4) return []
      return tags.of({ isKeyframe: header.frameType === 1, data: body.subarray(header.headerLength) })
    })
    expect(made.length).toBeGreaterThan(2)
    const own = made[0] ?? Buffer.alloc(0)
    const theirs = bodies.find(body => parseVideoHeader(body)?.packetType === 0) ?? Buffer.alloc(0)
    // FFmpeg's record has the level of VP9 too, and the sequence header that libaom gave ahead.
    expect(own.subarray(0, codec === 'vp09' ? 10 : 9)).toEqual(theirs.subarray(0, codec === 'vp09' ? 10 : 9))
    expect(own).toHaveLength(theirs.length)
    if (codec === 'av01') expect(made[1]?.includes(own.subarray(9))).toBe(true)
    expect(made.slice(1)).toEqual(bodies.filter(body => [1, 3].includes(parseVideoHeader(body)?.packetType ?? -1)))
  })

  it('avc1 in the legacy form: as FFmpeg writes it, but for pictures in another order', () => {
    const bodies = recorded('h264-aac', TagType.Video)
    const [header, picture] = bodies.map(body => body.subarray(5))
    const [first, second] = new VideoTags('avc1').of({
      isKeyframe: true,
      data: picture ?? Buffer.alloc(0),
      description: header,
    })
    expect(first).toEqual(bodies[0])
    expect(parseVideoTag(second ?? Buffer.alloc(0))).toEqual({
      ...parseVideoTag(bodies[1] ?? Buffer.alloc(0)),
      compositionTime: 0,
    })
  })

  it('a header comes before the first keyframe, when it is another one, and for a new listener', () => {
    const tags = new VideoTags('avc1')
    const data = Buffer.of(1)
    const kinds = (isKeyframe: boolean, description?: Buffer) =>
      tags.of({ isKeyframe, data, description }).map(body => parseVideoHeader(body)?.packetType)
    expect(kinds(true, Buffer.of(7))).toEqual([0, 1])
    expect(kinds(false)).toEqual([1])
    expect(kinds(true, Buffer.of(7))).toEqual([1])
    expect(kinds(true, Buffer.of(8))).toEqual([0, 1])
    tags.startAgain()
    expect(kinds(false)).toEqual([1])
    expect(kinds(true)).toEqual([0, 1])
  })

  it.each(['vp09', 'av01'] as const)('%s: what is no keyframe of it goes without a header', (codec: PublishedVideo) => {
    expect(new VideoTags(codec).of({ isKeyframe: true, data: Buffer.of(0xff) })).toHaveLength(1)
    expect(new VideoTags(codec).of({ isKeyframe: true, data: Buffer.alloc(0) })).toHaveLength(1)
  })
})

describe('sound', () => {
  it.each([
    ['opus', 'vp9-opus51'],
    ['mp4a', 'h264-aac'],
  ] as const)('%s: header and sound are what FFmpeg makes of the same', (codec, name) => {
    const bodies = recorded(name, TagType.Audio).filter(body =>
      [0, 1].includes(parseAudioHeader(body)?.packetType ?? -1),
    )
    const [header, ...coded] = bodies.map(body => {
      const tag = parseAudioTag(body)
      return Buffer.from(tag.kind === 'enhanced' ? (tag.tracks[0]?.data ?? []) : tag.kind === 'legacy' ? tag.data : [])
    })
    const tags = new AudioTags(codec)
    const made = coded.flatMap((data, at) => tags.of(data, at === 0 ? header : undefined))
    expect(made.length).toBeGreaterThan(2)
    expect(made).toEqual(bodies)
  })

  it('the header comes again for a new listener', () => {
    const tags = new AudioTags('opus')
    const count = (description?: Buffer) => tags.of(Buffer.of(1), description).length
    expect([count(), count(Buffer.of(7)), count(Buffer.of(7)), count()]).toEqual([1, 2, 1, 1])
    tags.startAgain()
    expect([count(), count()]).toEqual([2, 1])
  })
})

it('metadata names size, rates and codecs, as numbers of FourCCs where there is no other', () => {
  const video = { codec: 'av01', width: 640, height: 360, frameRate: 30, bitrate: 1_500_000 } as const
  const audio = { codec: 'opus', bitrate: 96_000, sampleRate: 48_000, channels: 2 } as const
  expect(metadataOf(metadataBody({ video, audio }))).toEqual({
    width: 640,
    height: 360,
    framerate: 30,
    videocodecid: 0x61763031,
    videodatarate: 1_500,
    audiocodecid: 0x4f707573,
    audiodatarate: 96,
    audiosamplerate: 48_000,
    audiosamplesize: 16,
    audiochannels: 2,
    stereo: true,
    encoder: 'rtmpipe',
  })
  expect(metadataOf(metadataBody({ video: { ...video, codec: 'avc1' } }))).toMatchObject({ videocodecid: 7 })
  expect(metadataOf(metadataBody({ audio: { ...audio, codec: 'mp4a' } }))).toMatchObject({ audiocodecid: 10 })
})
