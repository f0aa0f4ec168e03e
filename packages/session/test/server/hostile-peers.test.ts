import { ChunkConnection, ChunkMuxer, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { commandMessage } from '../../src/protocol/command.ts'
import { closed, cutAfter, samples, sampleStream, stall, take } from '@rtmpipe/testing'
import { ByteServer } from '../support/byte-server.ts'

afterEach(() => void vi.useRealTimers())

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const gone = (server: ByteServer, left = 0) =>
  expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(left)

/** C0, C1 and C2 by hand: version 3, then zeros. */
const handshake = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)])

describe('junk', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'RTMP_ERR_HANDSHAKE_VERSION'],
    ['TLS', Buffer.from('16030100f8010000f4', 'hex'), 'RTMP_ERR_HANDSHAKE_VERSION'],
    ['RTMPE without a digest', Buffer.concat([Buffer.of(6), Buffer.alloc(1536)]), 'RTMP_ERR_HANDSHAKE_DIGEST'],
    ['an unknown version', Buffer.of(9), 'RTMP_ERR_HANDSHAKE_VERSION'],
    ['a chunk without a beginning', Buffer.concat([handshake, Buffer.from('c3', 'hex')]), 'RTMP_ERR_CHUNK_HEADER'],
    [
      'a chunk size of 0',
      Buffer.concat([handshake, Buffer.from('02000000000004010000000000000000', 'hex')]),
      'RTMP_ERR_CHUNK_SIZE',
    ],
    [
      'a command before connect',
      Buffer.concat([handshake, new ChunkMuxer().encode(commandMessage(0, 'play', 1, null))]),
      'RTMP_ERR_COMMAND_ORDER',
    ],
    [
      'much of a message before connect',
      // Set Chunk Size to 0x7fffff, then the beginning of a command of 4 MiB.
      Buffer.concat([
        handshake,
        Buffer.from('020000000000040100000000007fffff', 'hex'),
        Buffer.from('030000004000001400000000', 'hex'),
        Buffer.alloc(300_000),
      ]),
      'RTMP_ERR_PARTIAL_BYTES',
    ],
  ])('%s ends its own connection, with a line in the log', async (_what, bytes, code) => {
    await using server = await ByteServer.listening()
    const good = await server.client()
    const stream = await server.dial()
    stream.write(bytes)
    stream.resume()
    await closed(stream)
    expect(server.log.at('warn')).toMatchObject([{ code, remote: 'memory:3' }])
    expect(await good.call('ping').catch(error => error.statusCode)).toBe('NetConnection.Call.Failed')
  })

  it('of any kind, before or after the handshake, does no more than that', async () => {
    await using server = await ByteServer.listening()
    const good = await server.client()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (bytes, shakesHands) => {
        const stream = await server.dial()
        stream.resume()
        stream.end(Buffer.concat([shakesHands ? handshake : Buffer.alloc(0), bytes]))
        await closed(stream)
      }),
      { numRuns: 60 },
    )
    await gone(server, 1)
    expect(await good.call('ping').catch(error => error.statusCode)).toBe('NetConnection.Call.Failed')
    expect(server.log.at('error')).toEqual([])
  })

  it('cut off anywhere, a session leaves nothing behind', async () => {
    await using server = await ByteServer.listening()
    for (let bytes = 0; bytes < 3_400; bytes += 97) {
      const stream = await server.dial()
      cutAfter(stream, bytes)
      const client = new RtmpClient(new ChunkConnection(stream, { role: 'client' }))
      await client
        .connect({ app: 'live', tcUrl: '' })
        .then(() => client.publish('name'))
        .then(
          publisher => publisher.write(samples.keyframe(0)),
          () => {},
        )
      stream.destroy()
      await gone(server)
      expect(server.server.streams.size).toBe(0)
    }
  })
})

describe('limits', () => {
  it('a message may be longer once the client is let in', async () => {
    await using server = await ByteServer.listening({ limits: { maxMessageLength: 1_000_000 } })
    const player = await (await server.client()).play('name')
    const publisher = await (await server.client()).publish('name')
    publisher.write(samples.keyframe(0, 900_000))
    expect((await take(player, 1))[0]?.payload).toHaveLength(900_000)
    publisher.on('error', () => {})
    publisher.write(samples.keyframe(0, 1_000_001))
    await closed(publisher as unknown as Duplex)
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_MESSAGE_LENGTH' }])
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'RTMP_ERR_HANDSHAKE_TIMEOUT', 1_000],
    ['half a handshake', handshake.subarray(0, 1_000), 'RTMP_ERR_HANDSHAKE_TIMEOUT', 1_000],
    ['a handshake and no connect', handshake, 'RTMP_ERR_CONNECT_TIMEOUT', 1_500],
  ])('a peer that sends %s is closed in time', async (_what, bytes, code, after) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = await ByteServer.listening({ limits: { handshakeTimeout: 1_000, connectTimeout: 500 } })
    const stream = await server.dial()
    stream.resume()
    stream.write(bytes)
    await vi.advanceTimersByTimeAsync(after - 1)
    await turn()
    expect(stream.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await closed(stream)
    expect(server.log.at('warn')).toMatchObject([{ code }])
  })

  it('connections above the limit are closed at once', async () => {
    await using server = await ByteServer.listening({ limits: { maxConnections: 1 } })
    const client = await server.client()
    const stream = await server.dial()
    stream.resume()
    await closed(stream)
    expect(server.server.connections.size).toBe(1)
    expect(await client.call('ping').catch(error => error.statusCode)).toBe('NetConnection.Call.Failed')
  })
})

describe('a player that stops reading for a while', () => {
  it.each([1, 16 * 1024, 200 * 1024, 1024 * 1024])(
    'gets everything, whatever the byte stream buffers: %d bytes',
    async highWaterMark => {
      await using server = await ByteServer.listening({ whenSlow: 'backpressure' }, undefined, { highWaterMark })
      const client = await server.client()
      const player = await client.play('name')
      const publisher = await (await server.client()).publish('name')
      const stalled = stall(client.messages)
      const sent = Array.from({ length: 150 }, (_, index) => samples.interframe(index, 10_000))
      for (const message of sent) publisher.write(message)
      for (let count = 0; count < 50; count += 1) await turn()
      publisher.end()
      stalled.resume()
      const got: number[] = []
      for await (const message of player) got.push((message as RtmpMessage).timestamp)
      expect(got).toEqual(sent.map(({ timestamp }) => timestamp))
    },
  )
})

describe('one bad client among twenty', () => {
  it.each<[string, (server: ByteServer) => Promise<unknown>]>([
    ['sends junk', async server => (await server.dial()).write(Buffer.concat([handshake, randomBytes(50_000)]))],
    [
      'breaks off in the middle of a message',
      async server => (await server.dial()).end(Buffer.concat([handshake, Buffer.from('0300000000ffff14', 'hex')])),
    ],
    ['is reset', async server => (await server.dial()).destroy(new Error('reset'))],
    [
      'plays and reads nothing',
      async server => {
        const client = await server.client()
        const player = await client.play('name')
        stall(client.messages)
        return player
      },
    ],
    ['publishes the same name', async server => (await server.client()).publish('name').catch(() => {})],
    [
      'sends broken media and data',
      async server => {
        const peer = await server.peer()
        const id = await peer.publish('other')
        for (const messageTypeId of [8, 9, 15, 18])
          peer.send({ messageTypeId, messageStreamId: id, timestamp: 0, payload: randomBytes(30) })
      },
    ],
  ])('that %s disturbs nobody', async (_what, misbehave) => {
    await using server = await ByteServer.listening()
    const publisher = await (await server.client()).publish('name')
    const players = []
    for (let count = 0; count < 18; count += 1) players.push(await (await server.client()).play('name'))
    await misbehave(server)
    const sent = sampleStream(30)
    for (const message of sent) publisher.write(message)
    for (const player of players)
      expect((await take(player, sent.length)).map(({ timestamp }) => timestamp)).toEqual(
        sent.map(({ timestamp }) => timestamp),
      )
    expect(publisher.destroyed).toBe(false)
  })
})
