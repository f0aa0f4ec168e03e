import { Amf0Writer, type AmfValue, decodeAmf0, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../src/peer/rate-limit.ts'
import { Tally } from '../../src/peer/tally.ts'
import { samples, take } from '@rtmpipe/testing'
import type { SessionLimits } from '../../src/contract/limits.ts'
import { RawServer } from '../support/raw-server.ts'
import { netConnections } from '../support/net-connections.ts'

const rejected = ['onStatus', 0, 0, null, 'error NetConnection.Connect.Rejected']

const limited = (limits: Partial<SessionLimits>) => new RawServer({ limits })

/** More values than `encodeAmf0` writes. */
function longAmf0(...values: readonly AmfValue[]): Buffer {
  const writer = new Amf0Writer({ elements: Infinity })
  for (const value of values) writer.write(value)
  return writer.finish()
}

describe('a connection', () => {
  it('has so many NetStreams at a time', async () => {
    await using server = limited({ maxNetStreams: 2 })
    const peer = await server.peer().connect()
    expect(await peer.createStream()).toBe(1)
    expect(await peer.createStream()).toBe(2)
    expect(await peer.command(0, 'createStream', 7, null).replies()).toEqual([
      ['_error', 0, 7, null, 'error NetConnection.Call.Failed'],
    ])
    peer.command(0, 'deleteStream', 0, null, 1)
    expect(await peer.createStream()).toBe(3)
  })

  it('sends so many commands a minute, and is closed at the next', async () => {
    await using server = limited({ maxCommandsPerMinute: 5 })
    const peer = await server.peer().connect()
    for (let id = 2; id <= 5; id += 1) peer.command(0, '_checkbw', id, null)
    expect(await peer.replies()).toHaveLength(4)
    peer.command(0, '_checkbw', 6, null)
    expect(await peer.rest()).toEqual([['_error', 0, 6, null, 'error NetConnection.Call.Failed'], rejected])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_RATE' }])
  })

  it('sends commands of at most 64 KiB', async () => {
    await using server = limited({})
    const peer = await server.peer().connect()
    expect(await peer.command(0, 'method', 2, null, 'x'.repeat(65_000)).replies()).toHaveLength(1)
    peer.command(0, 'method', 3, null, 'x'.repeat(65_600))
    expect(await peer.rest()).toEqual([['_error', 0, 3, null, 'error NetConnection.Call.Failed'], rejected])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_LENGTH' }])
  })

  it('announces at most 32 names', async () => {
    await using server = limited({})
    const peer = await server.peer().connect()
    for (let name = 0; name < 40; name += 1) await peer.command(0, 'FCPublish', 0, null, String(name)).replies()
    const publish = async (name: string) => {
      const replies = await peer.command(await peer.createStream(), 'publish', 0, null, name, 'live').replies()
      return replies.map(([command]) => command)
    }
    expect(await publish('31')).toContain('onFCPublish')
    expect(await publish('32')).not.toContain('onFCPublish')
  })
})

describe('a publisher', () => {
  const index = (keyframes: number) => ({
    times: Array.from({ length: keyframes }, (_, index) => 2 * index),
    filepositions: Array.from({ length: keyframes }, (_, index) => 100_000 * index),
  })

  it.each([
    ['an index of keyframes', 8_000],
    ['one of more values than AMF messages usually have', 40_000],
  ])('goes on with metadata of %s; players get it all, late ones what is kept', async (_what, keyframes) => {
    await using server = limited({})
    const [publisher, player, late] = [server.peer(), server.peer(), server.peer()]
    await publisher.publish('name')
    await player.play('name')
    const properties = new EcmaArray({ width: 640, keyframes: index(keyframes), framerate: 25 })
    const payload = longAmf0('@setDataFrame', 'onMetaData', properties)
    publisher.send({ messageTypeId: MessageType.DataAmf0, messageStreamId: 1, timestamp: 0, payload })
    await publisher.media(1, samples.keyframe(0)).replies()
    const [metadata] = await take(player.messages, 2)
    expect(metadata?.payload.equals(longAmf0('onMetaData', properties))).toBe(true)
    await late.connect()
    await late.createStream()
    expect((await late.command(1, 'play', 0, null, 'name').replies()).slice(-2)).toEqual([
      ['data', 1, 0, 'onMetaData', { width: 640, framerate: 25 }],
      ['video', 1, 0],
    ])
  })

  it.each([['@setDataFrame', 'onMetaData'], ['onMetaData']])(
    'has of metadata, sent as %s, kept what fits',
    async (...names) => {
      await using server = limited({ maxMetadataLength: 1_000 })
      const [publisher, player] = [server.peer(), server.peer()]
      await publisher.publish('name')
      await player.play('name')
      const text = 'x'.repeat(900)
      await publisher.data(1, ...names, { text }).replies()
      expect(server.server.streams.get('live', 'name')?.metadata?.length).toBeGreaterThan(900)
      await publisher.data(1, ...names, { width: 640, first: text, second: text, height: 360 }).replies()
      expect(await player.replies()).toHaveLength(2)
      const { metadata } = server.server.streams.get('live', 'name') ?? {}
      expect(decodeAmf0(metadata ?? Buffer.alloc(0))[1]).toMatchObject({
        properties: { width: 640, first: text, height: 360 },
      })
      expect(metadata?.length).toBeLessThanOrEqual(1_000)
    },
  )

  it('has nothing kept of long metadata that can not be read, and goes on', async () => {
    await using server = limited({ maxMetadataLength: 100 })
    const [publisher, player] = [server.peer(), server.peer()]
    await publisher.publish('name')
    await player.play('name')
    await publisher.data(1, 'onMetaData', { width: 640 }).replies()
    const payload = Buffer.concat([encodeAmf0('onMetaData'), Buffer.alloc(200, 0xff)])
    publisher.send({ messageTypeId: MessageType.DataAmf0, messageStreamId: 1, timestamp: 0, payload })
    await publisher.media(1, samples.keyframe(0)).replies()
    expect((await take(player.messages, 3)).map(({ payload }) => payload.length)).toEqual([33, 213, 2_000])
    expect(server.server.streams.get('live', 'name')?.metadata).toBeUndefined()
  })

  it('is closed for data of AMF3 that becomes more than 256 KiB', async () => {
    await using server = limited({})
    const peer = server.peer()
    await peer.publish('name')
    // A text of 127 bytes and references to it, in an AMF3 array: AMF3 §3.8, §3.11.
    const text = Buffer.concat([Buffer.of(0x06, 0x81, 0x7f), Buffer.alloc(127, 'x')])
    const count = 3_000
    const head = Buffer.of(0x11, 0x09, 0x80 | ((count * 2 + 1) >> 7), (count * 2 + 1) & 0x7f, 0x01)
    const references = Buffer.alloc((count - 1) * 2, Buffer.of(0x06, 0x00))
    const payload = Buffer.concat([Buffer.of(0), encodeAmf0('onTextData'), head, text, references])
    peer.send({ messageTypeId: MessageType.DataAmf3, messageStreamId: 1, timestamp: 0, payload })
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed'], rejected])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_DATA_LENGTH' }])
  })

  it('is closed for data of more than 256 KiB', async () => {
    await using server = limited({})
    const peer = server.peer()
    await peer.publish('name')
    const payload = (length: number) => Buffer.concat([encodeAmf0('onTextData'), Buffer.alloc(length - 13, 5)])
    const data = (length: number) => ({
      messageTypeId: MessageType.DataAmf0,
      messageStreamId: 1,
      timestamp: 0,
      payload: payload(length),
    })
    expect(await peer.send(data(256 * 1024)).replies()).toEqual([])
    peer.send(data(256 * 1024 + 1))
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed'], rejected])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_DATA_LENGTH' }])
  })

  it('that crosses a limit disturbs nobody else', async () => {
    await using server = limited({})
    const [good, bad, player] = [server.peer(), server.peer(), server.peer()]
    await good.publish('good')
    await player.play('good')
    await bad.publish('bad')
    bad.data(1, 'onTextData', 'x'.repeat(300_000))
    await bad.rest()
    await good.media(1, samples.keyframe(0)).replies()
    expect(await player.replies()).toEqual([['video', 1, 0]])
  })
})

describe('the server', () => {
  it('has so many connections', async () => {
    await using server = limited({ maxConnections: 2 })
    const [first] = [await server.peer().connect(), await server.peer().connect()]
    expect(await server.peer().rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ message: 'connection refused: there are 2 connections already' }])
    first.messages.destroy()
    await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(1)
    expect(await (await server.peer().connect()).createStream()).toBe(1)
  })

  it('has so many of them from one address', async () => {
    await using server = limited({ maxConnectionsPerAddress: 1 })
    const first = await server.peer('10.0.0.1').connect()
    expect(await server.peer('10.0.0.1').rest()).toEqual([])
    expect(await (await server.peer('10.0.0.2').connect()).createStream()).toBe(1)
    first.messages.destroy()
    await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(1)
    expect(await (await server.peer('10.0.0.1').connect()).createStream()).toBe(1)
  })
})

describe('time', () => {
  afterEach(() => void vi.useRealTimers())

  it('a client that does not connect is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = limited({ handshakeTimeout: 1_000, connectTimeout: 500 })
    const peer = server.peer()
    const rest = peer.rest()
    await vi.advanceTimersByTimeAsync(1_499)
    expect(server.server.connections.size).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await rest).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_CONNECT_TIMEOUT' }])
  })

  it('one that has sent connect is not, however long it takes to be let in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let letIn: () => void = () => {}
    await using server = new RawServer({
      limits: { handshakeTimeout: 1_000, connectTimeout: 500 },
      plugins: [{ name: 'slow', onConnect: () => new Promise(resolve => (letIn = resolve)) }],
    })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    await vi.advanceTimersByTimeAsync(5_000)
    letIn()
    expect((await peer.replies()).at(-1)?.[0]).toBe('_result')
  })

  it('one that is shown out and does not read its last replies is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = limited({ lingerTimeout: 700 })
    const peer = server.peer()
    await peer.connect()
    const [connection] = netConnections(server.server)
    for (let count = 0; count < 40; count += 1) connection?.sendStatus(0, 'NetStream.Failed', 'filler')
    connection?.end()
    await vi.advanceTimersByTimeAsync(699)
    expect(server.server.connections.size).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.server.connections.size).toBe(0)
  })
})

describe('RateLimit', () => {
  afterEach(() => void vi.useRealTimers())

  const tooMany = (max: number) =>
    expect.objectContaining({ code: 'RTMP_ERR_COMMAND_RATE', message: `more than ${max} in 1 s` })

  it.each([0, 17, 49, 500, 999])('holds for any window, such as one that begins %d ms after another', offset => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const limit = new RateLimit(4, 1_000, 'RTMP_ERR_COMMAND_RATE')
    vi.advanceTimersByTime(offset)
    limit.count()
    vi.advanceTimersByTime(999)
    for (let count = 0; count < 3; count += 1) limit.count()
    expect(() => limit.count()).toThrow(tooMany(4))
  })

  it.each([1, 999, 1_000])('does not let twice as many through, %d ms after the first', wait => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const limit = new RateLimit(600, 1_000, 'RTMP_ERR_COMMAND_RATE')
    limit.count()
    vi.advanceTimersByTime(wait - 1)
    for (let count = 1; count < 600; count += 1) limit.count()
    vi.advanceTimersByTime(1)
    expect(() => limit.count()).toThrow(tooMany(600))
  })

  it('forgets what lies a window and a part of one back, and nothing else', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const limit = new RateLimit(2, 1_000, 'RTMP_ERR_COMMAND_RATE')
    limit.count()
    vi.advanceTimersByTime(525)
    limit.count()
    vi.advanceTimersByTime(525)
    limit.count()
    expect(() => limit.count()).toThrow(tooMany(2))
    vi.advanceTimersByTime(1_000_000)
    limit.count()
    limit.count()
    expect(() => limit.count()).toThrow(tooMany(2))
  })

  it('lets a steady rate of 20/21 go on for ever', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const limit = new RateLimit(105, 1_000, 'RTMP_ERR_COMMAND_RATE')
    for (let count = 0; count < 3_000; count += 1) {
      limit.count()
      vi.advanceTimersByTime(10)
    }
  })
})

describe('Tally', () => {
  it('forgets what is not there any more', () => {
    const tally = new Tally()
    expect(tally.count('__proto__')).toBe(0)
    tally.add('a')
    tally.add('a')
    tally.delete('a')
    expect([tally.count('a'), tally.count('b')]).toEqual([1, 0])
    tally.delete('a')
    tally.delete('a')
    tally.add('a')
    expect(tally.count('a')).toBe(1)
  })
})
