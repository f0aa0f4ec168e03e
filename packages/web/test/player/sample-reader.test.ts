import { readFileSync } from 'node:fs'
import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'
import { expect, test } from 'vitest'
import { type Sample, SampleReader } from '../../src/browser/player/sample-reader.ts'

function messagesOf(name: string): MediaMessage[] {
  const file = readFileSync(new URL(`../../../flv/test/fixtures/${name}.flv`, import.meta.url))
  const messages: MediaMessage[] = []
  new FlvDemuxer().push(file, message => void messages.push(message))
  return messages
}

function read(messages: readonly MediaMessage[], reader: SampleReader = new SampleReader()): Sample[] {
  return messages.flatMap(message => reader.read(message) ?? [])
}

test('a stream of H.264 and AAC becomes samples with their configuration, each told as new once', () => {
  const samples = read(messagesOf('h264-aac'))
  const [video, audio] = (['video', 'audio'] as const).map(kind => samples.filter(each => each.kind === kind))
  expect(video?.length).toBeGreaterThan(2)
  expect(audio?.length).toBeGreaterThan(2)
  for (const track of [video, audio]) {
    expect(track?.map(({ isNew }) => isNew)).toEqual(track?.map((_, place) => place === 0))
    expect(track?.every(({ isCut }) => !isCut)).toBe(true)
  }
  expect(video?.[0]).toMatchObject({ codec: 'avc1', isKey: true })
  expect(video?.[0]?.config?.[0]).toBe(1)
  expect(audio?.[0]).toMatchObject({ codec: 'mp4a', config: Buffer.from(audio?.[0]?.config ?? []) })
})

test.each([
  ['av1-flac', 'av01', 'fLaC'],
  ['hevc-opus', 'hvc1', 'Opus'],
  ['vp9-opus51', 'vp09', 'Opus'],
] as const)('%s has a configuration of its own', (name, videoCodec, audioCodec) => {
  const samples = read(messagesOf(name))
  const firsts = (['video', 'audio'] as const).map(kind => samples.find(each => each.kind === kind))
  expect(firsts.map(each => each?.codec)).toEqual([videoCodec, audioCodec])
  expect(firsts.every(each => (each?.config?.length ?? 0) > 3)).toBe(true)
})

test('of several tracks, it is the default one', () => {
  const messages = messagesOf('multitrack')
  const samples = read(messages)
  const media = messages.filter(({ messageTypeId }) => messageTypeId !== 18)
  expect(samples.length).toBeGreaterThan(0)
  expect(samples.length).toBeLessThan(media.length)
})

test('pictures are shown at their composition time, also where a legacy header tells it', () => {
  const reader = new SampleReader()
  const picture = (timestamp: number, body: string): MediaMessage => ({
    messageTypeId: 9,
    messageStreamId: 1,
    timestamp,
    payload: Buffer.from(body, 'hex'),
  })
  const times = [picture(1_000, '1701000050aa'), picture(1_040, '27010000a0aa'), picture(1_080, '2701ffffd8aa')]
  expect(read(times, reader).map(({ time }) => time)).toEqual([80, 200, 40])
})

test('a hole is a cut for both tracks, once', () => {
  const reader = new SampleReader()
  const messages = messagesOf('h264-aac')
  read(messages, reader)
  const end = messages.at(-1)?.timestamp ?? 0
  const again = messages.map((message, place) => ({
    ...message,
    timestamp: message.timestamp + end,
    ...(place === 0 && { discontinuity: true }),
  }))
  const samples = read(again, reader)
  for (const kind of ['video', 'audio'] as const) {
    const cuts = samples.filter(each => each.kind === kind).map(({ isCut }) => isCut)
    expect(cuts).toEqual(cuts.map((_, place) => place === 0))
  }
  expect(samples.every(({ isNew }) => !isNew)).toBe(true)
})

test('an empty header changes nothing', () => {
  const reader = new SampleReader()
  const messages = messagesOf('h264-aac')
  read(messages, reader)
  reader.read({ messageTypeId: 8, messageStreamId: 1, timestamp: 9_000, payload: Buffer.from('af00', 'hex') })
  const sound = messages.filter(({ messageTypeId }) => messageTypeId === 8).at(-1)
  expect(reader.read({ ...sound!, timestamp: 9_010 })).toMatchObject({ isNew: false })
})
