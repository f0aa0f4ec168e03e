import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream, send, settled, TestServer } from '@rtmpipe/testing'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { PublishInfo } from '../../src/contract/info.ts'
import { LiveStream } from '../../src/live/live-stream.ts'

function setUp() {
  const publishes: PublishInfo[] = []
  const server = new TestServer({
    plugins: [{ name: 'watch', onPublishStart: info => void publishes.push(info) }],
  })
  return { server, publishes }
}

const payloadBytes = (messages: readonly RtmpMessage[]) =>
  messages.reduce((sum, { payload }) => sum + payload.length, 0)

function message(messageTypeId: number, hex: string): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp: 0, payload: Buffer.from(hex, 'hex') }
}

describe('a stream as plugins see it', () => {
  it('tells who publishes what, since when, and how much', async () => {
    const { server, publishes } = setUp()
    await using _ = server
    const before = Date.now()
    const publisher = await server.publish('live/name')
    await server.play('live/name')
    await send(publisher, sampleStream(20))
    const [info] = publishes
    const stream = info?.stream
    expect(stream).toMatchObject({ app: 'live', name: 'name', isPublishing: true, isLive: true, consumerCount: 1 })
    expect(stream?.publisher).toBe(info?.connection)
    expect(stream?.since?.getTime()).toBeGreaterThanOrEqual(before)
    expect(stream?.since?.getTime()).toBeLessThanOrEqual(Date.now())
    expect(stream?.bytes).toBe(payloadBytes(sampleStream(20)))
    expect(stream?.metadata).toEqual(samples.metadata().payload)
    expect(stream?.codecs).toEqual([
      { kind: 'video', codec: 'avc1', isEnhanced: false, width: 640, height: 360 },
      { kind: 'audio', codec: 'mp4a', isEnhanced: false, sampleRate: 44_100, channels: 2 },
    ])
  })

  it('counts anew for the next publisher, and names nobody in between', async () => {
    const { server, publishes } = setUp()
    await using _ = server
    await server.play('live/name', { follow: true })
    const first = await server.publish('live/name')
    await send(first, sampleStream(3))
    const stream = publishes[0]?.stream
    first.end()
    await settled()
    expect(stream).toMatchObject({ isPublishing: false, publisher: undefined, since: undefined, codecs: [] })
    await send(await server.publish('live/name'), [samples.audio(0)])
    expect(stream?.bytes).toBe(samples.audio(0).payload.length)
    expect(stream?.publisher).toBe(publishes[1]?.connection)
  })

  it.each([
    ['Enhanced HEVC', MessageType.Video, '9068766331', { kind: 'video', codec: 'hvc1', isEnhanced: true }],
    ['Enhanced Opus', MessageType.Audio, '904f707573', { kind: 'audio', codec: 'Opus', isEnhanced: true }],
    ['Enhanced MP3', MessageType.Audio, '912e6d703300', { kind: 'audio', codec: '.mp3', isEnhanced: true }],
    ['legacy MP3', MessageType.Audio, '2f00', { kind: 'audio', codec: '.mp3', isEnhanced: false }],
    ['legacy H.263', MessageType.Video, '1200', { kind: 'video', codec: 'h263', isEnhanced: false }],
    ['Speex', MessageType.Audio, 'b200', { kind: 'audio', codec: 'speex', isEnhanced: false }],
  ])('names the codec of %s', (_name, messageTypeId, hex, codec) => {
    const stream = new LiveStream('live', 'name')
    stream.startPublish()
    stream.write(message(messageTypeId, hex))
    stream.write(message(messageTypeId, hex))
    expect(stream.codecs).toEqual([codec])
  })

  it('names no codec that nobody knows', () => {
    const stream = new LiveStream('live', 'name')
    stream.startPublish()
    stream.write(message(MessageType.Audio, 'd200'))
    expect(stream.codecs).toEqual([])
  })
})

describe('a supply', () => {
  const objects = () => new PassThrough({ objectMode: true })

  it('publishes what a Readable gives, until it ends', async () => {
    const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
    const received = stream.subscribe({ follow: true })
    const messages = objects()
    stream.supply(messages)
    messages.write(samples.audio(0))
    await settled()
    expect(received.read()).toEqual(samples.audio(0))
    expect([stream.isPublishing, stream.publisher]).toEqual([true, undefined])
    messages.end()
    await settled()
    expect(stream.isPublishing).toBe(false)
  })

  it('is ended by who supplies, and then the Readable is destroyed', async () => {
    const stream = new LiveStream('live', 'name')
    const messages = objects()
    const end = stream.supply(messages)
    end()
    expect([stream.isPublishing, messages.destroyed]).toEqual([false, true])
    stream.startPublish()
    end()
    await settled()
    expect(stream.isPublishing).toBe(true)
  })

  it('waits for a reader that loses nothing', async () => {
    const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
    const slow = stream.subscribe({ whenSlow: 'backpressure', maxBytes: 1_000 })
    const messages = objects()
    stream.supply(messages)
    for (let time = 0; time < 100; time += 1) {
      messages.write(samples.audio(time, 200))
      await settled()
    }
    expect(messages.writableNeedDrain).toBe(true)
    let count = 0
    slow.on('data', () => (count += 1))
    await expect.poll(() => count, { interval: 1 }).toBe(100)
  })

  it('ends with what has no place in a stream', async () => {
    const stream = new LiveStream('live', 'name')
    const messages = objects()
    const failed = new Promise(resolve => messages.once('error', resolve))
    stream.supply(messages)
    messages.write(message(MessageType.CommandAmf0, '00'))
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_STREAM_MESSAGE' })
    await settled()
    expect(stream.isPublishing).toBe(false)
  })

  it('does not take the place of a publisher', () => {
    const stream = new LiveStream('live', 'name')
    stream.startPublish()
    expect(() => stream.supply(objects())).toThrow(expect.objectContaining({ code: 'RTMP_ERR_STREAM_BUSY' }))
  })
})

it('a subscription that is finished ends after what it has', async () => {
  const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
  const subscription = stream.subscribe({ follow: true })
  stream.startPublish()
  stream.write(samples.audio(0))
  await settled()
  subscription.finish()
  stream.write(samples.audio(20))
  const received: RtmpMessage[] = []
  for await (const each of subscription) received.push(each)
  expect(received).toEqual([samples.audio(0)])
  expect(stream.consumerCount).toBe(0)
})
