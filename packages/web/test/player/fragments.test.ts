import { readFileSync } from 'node:fs'
import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'
import { expect, test } from 'vitest'
import { describeAudio, describeVideo } from '../../src/browser/player/mse/entries.ts'
import { fragment, initSegment } from '../../src/browser/player/mse/fragments.ts'
import { type AudioSample, SampleReader, type VideoSample } from '../../src/browser/player/sample-reader.ts'

/** Boxes that have boxes in them, and the bytes before those. */
const parents: Record<string, number> = {
  moov: 0,
  trak: 0,
  mdia: 0,
  minf: 0,
  stbl: 0,
  mvex: 0,
  moof: 0,
  traf: 0,
  stsd: 8,
  avc1: 78,
  hvc1: 78,
  av01: 78,
  vp09: 78,
  mp4a: 28,
  Opus: 28,
}

/** Paths of all boxes with their bodies; throws where a size does not fit. */
function boxesOf(bytes: Uint8Array, before = ''): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length; ) {
    const size = all.readUInt32BE(at)
    if (size < 8 || at + size > all.length) throw new Error(`a box of ${size} bytes in ${before}`)
    const type = all.toString('latin1', at + 4, at + 8)
    const body = all.subarray(at + 8, at + size)
    found.set(before + type, body)
    const skipped = parents[type]
    if (skipped !== undefined)
      for (const each of boxesOf(body.subarray(skipped), `${before}${type}/`)) found.set(...each)
    at += size
  }
  return found
}

function firstsOf(name: string): { video: VideoSample; audio: AudioSample } {
  const file = readFileSync(new URL(`../../../flv/test/fixtures/${name}.flv`, import.meta.url))
  const messages: MediaMessage[] = []
  new FlvDemuxer().push(file, message => void messages.push(message))
  const reader = new SampleReader()
  const samples = messages.flatMap(message => reader.read(message) ?? [])
  const video = samples.find(each => each.kind === 'video')
  const audio = samples.find(each => each.kind === 'audio')
  return { video: video as VideoSample, audio: audio as AudioSample }
}

test.each([
  ['h264-aac', 'avc1/avcC', 'mp4a/esds', [64, 36]],
  ['hevc-opus', 'hvc1/hvcC', 'Opus/dOps', [64, 36]],
  ['vp9-opus51', 'vp09/vpcC', 'Opus/dOps', undefined],
] as const)('%s is described by a box of its own', (name, videoPath, audioPath, size) => {
  const { video, audio } = firstsOf(name)
  const table = 'moov/trak/mdia/minf/stbl/stsd/'
  const described = describeVideo(video)
  const pictures = boxesOf(initSegment(described!))
  expect([...pictures.keys()]).toContain(table + videoPath)
  if (size !== undefined) expect([described?.width, described?.height]).toEqual(size)
  const sound = boxesOf(initSegment(describeAudio(audio)!))
  expect([...sound.keys()]).toContain(table + audioPath)
  expect(sound.get('moov/trak/mdia/hdlr')?.toString('latin1', 8, 12)).toBe('soun')
})

test('what MP4 has no place for here is not described', () => {
  expect(describeVideo({ ...firstsOf('h264-aac').video, codec: 'vp08' })).toBeUndefined()
  expect(describeAudio({ ...firstsOf('h264-aac').audio, codec: 'speex' })).toBeUndefined()
})

test('a fragment says where its sample is, when it is decoded and when it is shown', () => {
  const data = Buffer.from('a picture')
  const sample = { decodeTime: 2 ** 32 + 5, duration: 40, offset: -20, isKey: true, data }
  const bytes = Buffer.from(fragment(7, sample))
  const boxes = boxesOf(bytes)
  const run = boxes.get('moof/traf/trun')
  expect(boxes.get('moof/mfhd')?.readUInt32BE(4)).toBe(7)
  expect(boxes.get('moof/traf/tfdt')?.readBigUInt64BE(4)).toBe(BigInt(sample.decodeTime))
  expect([4, 12, 16, 20].map(at => run?.readUInt32BE(at))).toEqual([1, 40, data.length, 0x0200_0000])
  expect(run?.readInt32BE(24)).toBe(-20)
  const at = run?.readUInt32BE(8) ?? 0
  expect(bytes.toString('latin1', at, at + data.length)).toBe('a picture')
})
