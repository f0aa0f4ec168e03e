import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { LiveStream } from '../../../src/live/live-stream.ts'

/** As x264 wrote it for pictures of 1920x1080. */
const avc = '01640028ffe1001b67640028acd940780227e5c044000003000400000300c83c60c65801000668ebe3cb22c0fdf8f800'

const message = (messageTypeId: number, hex: string): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 0,
  timestamp: 0,
  payload: Buffer.from(hex, 'hex'),
})

function codecsOf(...messages: RtmpMessage[]) {
  const stream = new LiveStream('live', 'name')
  stream.startPublish()
  for (const each of messages) stream.write(each)
  return stream.codecs
}

it('sequence headers tell the size of pictures and the rate and channels of sound', () => {
  const metadata = samples.metadata({ width: 1, height: 1, framerate: 25, audiosamplerate: 1, audiochannels: 1 })
  const codecs = codecsOf(
    metadata,
    message(MessageType.Video, `1700000000${avc}`),
    message(MessageType.Audio, 'af001190'),
  )
  expect(codecs).toEqual([
    { kind: 'video', codec: 'avc1', isEnhanced: false, width: 1920, height: 1080, frameRate: 25 },
    { kind: 'audio', codec: 'mp4a', isEnhanced: false, sampleRate: 48_000, channels: 2 },
  ])
})

it('sequence headers of Enhanced RTMP tell it as well', () => {
  const opus = '90' + '4f707573' + Buffer.from('OpusHead\x01\x06', 'latin1').toString('hex') + '00'.repeat(9)
  const codecs = codecsOf(message(MessageType.Video, `9061766331${avc}`), message(MessageType.Audio, opus))
  expect(codecs).toEqual([
    { kind: 'video', codec: 'avc1', isEnhanced: true, width: 1920, height: 1080 },
    { kind: 'audio', codec: 'Opus', isEnhanced: true, sampleRate: 48_000, channels: 6 },
  ])
})

it('metadata tell what headers do not, of the first codec of each kind', () => {
  const metadata = samples.metadata({
    width: 640,
    height: 360,
    framerate: 30,
    audiosamplerate: 44_100,
    audiochannels: 2,
  })
  const codecs = codecsOf(
    metadata,
    message(MessageType.Audio, '2f00'),
    message(MessageType.Video, '1200'),
    message(MessageType.Video, `1700000000${avc}`),
  )
  expect(codecs).toEqual([
    { kind: 'audio', codec: '.mp3', isEnhanced: false, sampleRate: 44_100, channels: 2 },
    { kind: 'video', codec: 'h263', isEnhanced: false, width: 640, height: 360, frameRate: 30 },
    { kind: 'video', codec: 'avc1', isEnhanced: false, width: 1920, height: 1080 },
  ])
})

it('impossible metadata tell nothing', () => {
  const metadata = samples.metadata({ width: NaN, height: -1, framerate: Infinity })
  expect(codecsOf(metadata, message(MessageType.Video, '1200'))).toEqual([
    { kind: 'video', codec: 'h263', isEnhanced: false },
  ])
})
