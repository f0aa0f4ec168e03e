import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, settled, take, VirtualClock } from '@rtmpipe/testing'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { SessionLimits } from '../../../src/contract/limits.ts'
import type { WhenSlow } from '../../../src/contract/slow-consumer.ts'
import { ByteServer } from '../../support/byte-server.ts'
import type { RawPeer } from '../../support/raw-peer.ts'

const KiB = 1024
/** A picture of 20 Mbit/s. */
const frame = 100_000
const maxPlayerQueueBytes = 1024 * KiB
/** Half of that is on its way, and what players are sent anyway; a picture may come on top at each of three places. */
const maxPath = 512 * KiB + 128 * KiB + 3 * frame

const unpaced = (limits: Partial<SessionLimits> = {}, whenSlow: WhenSlow = 'drop') =>
  ByteServer.listening(
    { limits: { maxPlayerQueueBytes, maxPlayerLag: 60_000, ...limits }, whenSlow },
    stream => stream,
    {
      paces: false,
    },
  )

/** A player, with the bytes that have come to it and that it has not read. */
async function player(server: ByteServer): Promise<{ peer: RawPeer; line: Duplex }> {
  let line: Duplex | undefined
  const peer = await server.peer(stream => (line = stream))
  await peer.play('name')
  return { peer, line: line as unknown as Duplex }
}

async function publisher(server: ByteServer): Promise<{ send: (pictures: number) => Promise<void> }> {
  const peer = await server.peer()
  await peer.publish('name')
  let sent = 0
  const send = async (pictures: number) => {
    for (let end = sent + pictures; sent < end; sent += 1) {
      peer.media(1, (sent % 5 === 0 ? samples.keyframe : samples.interframe)(sent * 40, frame))
      await settled()
    }
  }
  return { send }
}

const pictures = (messages: readonly RtmpMessage[]) =>
  messages.filter(({ messageTypeId }) => messageTypeId === MessageType.Video)
const playOf = (server: ByteServer) => [...server.server.players][0] ?? expect.unreachable()

describe('a player whose transport takes all that is written', () => {
  it('is told to acknowledge each quarter of what may be on its way; others as ever', async () => {
    const windows = await Promise.all(
      [{}, { paces: false } as const].map(async pair => {
        await using server = await ByteServer.listening({}, stream => stream, pair)
        const peer = (await server.peer()).command(0, 'connect', 1, { app: 'live' })
        return await peer.next()
      }),
    )
    expect(windows).toEqual([
      ['WindowAcknowledgementSize', 2_500_000],
      ['WindowAcknowledgementSize', 256 * KiB],
    ])
  })

  it('gets everything as long as it reads', async () => {
    await using server = await unpaced()
    const { peer } = await player(server)
    const all = take(peer.messages, 202)
    await (await publisher(server)).send(200)
    expect(pictures(await all).map(({ timestamp }) => timestamp)).toEqual(Array.from({ length: 200 }, (_, n) => n * 40))
    expect(playOf(server)).toMatchObject({ dropped: 0, lag: { bytes: 0 } })
  })

  it('that does not read costs what is configured, loses what is dropped, and goes on when it reads again', async () => {
    await using server = await unpaced()
    const [{ peer, line }, source] = [await player(server), await publisher(server)]
    for (let second = 0; second < 8; second += 1) {
      await source.send(25)
      expect(line.readableLength).toBeLessThan(maxPath)
      expect(playOf(server).lag.bytes).toBeLessThan(1.25 * maxPlayerQueueBytes + frame)
    }
    const { dropped } = playOf(server)
    expect(dropped).toBeGreaterThan(150)
    const got: RtmpMessage[] = []
    const newest = new Promise<void>(resolve => {
      peer.messages.on('data', (message: RtmpMessage) => {
        got.push(...pictures([message]))
        if (message.timestamp === 210 * 40) resolve()
      })
    })
    await settled()
    await source.send(11)
    await newest
    const gap = got.findIndex(({ discontinuity, timestamp }, index) =>
      index === 0 ? discontinuity : timestamp - (got[index - 1]?.timestamp ?? 0) > 40,
    )
    // The picture behind the hole is a keyframe.
    expect([gap > 0, got[gap]?.payload[0], (got[gap]?.timestamp ?? 1) % 200]).toEqual([true, 0x17, 0])
    expect([got.length, playOf(server)]).toEqual([
      211 - dropped,
      expect.objectContaining({ dropped, lag: { bytes: 0, duration: 0 } }),
    ])
  })

  it('that does not read holds the publisher with backpressure, and loses nothing', async () => {
    await using server = await unpaced({}, 'backpressure')
    const { peer, line } = await player(server)
    const source = await server.peer()
    await source.publish('name')
    for (let index = 0; index < 100; index += 1) source.media(1, samples.keyframe(index * 40, frame))
    await settled()
    expect(line.readableLength).toBeLessThan(maxPath)
    expect(playOf(server).lag.bytes).toBeLessThan(2 * maxPlayerQueueBytes)
    expect((await take(peer.messages, 102)).at(-1)?.timestamp).toBe(99 * 40)
  })

  it('that acknowledges nothing, as it has to, counts as one that does not read', async () => {
    using clock = new VirtualClock()
    await using server = await unpaced()
    const [{ peer, line }, source] = [await player(server), await publisher(server)]
    // What it says from here on is lost.
    line._write = (_bytes, _encoding, done) => done()
    peer.messages.resume()
    await source.send(30)
    expect(playOf(server).lag.bytes).toBeGreaterThan(0)
    await clock.advance(45_000)
    expect(server.log.at('warn')).toMatchObject([{ message: 'the player has taken nothing for 30 s' }])
    expect(server.server.players.size).toBe(0)
  })
})
