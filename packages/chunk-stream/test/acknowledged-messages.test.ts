import { acknowledgement, ChunkConnection, ChunkMuxer, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryPair, PairEnd } from './support/byte-pair.ts'

const maxUnacknowledged = 100_000

/** Takes all that is written, and counts it. */
class Taker extends PairEnd {
  taken = 0

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.taken += bytes.length
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.taken += chunk.length
    done()
  }
}

/** A server's connection, and a client that acknowledges when the test says so. */
async function setUp() {
  const [, far] = memoryPair()
  const near = new Taker()
  near.peer = far
  far.peer = near
  const server = new ChunkConnection(near, { role: 'server', maxUnacknowledged })
  const shaken = once(server, 'handshake')
  far.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]))
  await shaken
  const muxer = new ChunkMuxer()
  const acknowledge = async (bytes = near.taken) => {
    far.write(muxer.encode(acknowledgement(bytes)))
    await setImmediate()
  }
  await acknowledge()
  return { server, near, acknowledge }
}

const media = (length: number, messageTypeId: number = MessageType.Video): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 1,
  timestamp: 0,
  payload: Buffer.alloc(length),
})

describe('bytes that are taken but not acknowledged', () => {
  it('count as queued beyond what may be on its way', async () => {
    const { server, near, acknowledge } = await setUp()
    const before = near.taken
    server.send(media(90_000))
    await setImmediate()
    expect(server.queuedBytes).toBe(0)
    server.send(media(90_000))
    await setImmediate()
    expect(server.queuedBytes).toBe(near.taken - before - maxUnacknowledged)
    await acknowledge(before + 50_000)
    expect(server.queuedBytes).toBe(near.taken - before - 50_000 - maxUnacknowledged)
    await acknowledge()
    expect([server.queuedBytes, server.bytesAcknowledged]).toEqual([0, near.taken])
  })

  it('make a writer wait until they are acknowledged', async () => {
    const { server, acknowledge } = await setUp()
    let written = 0
    for (let index = 0; index < 5; index += 1) server.write(media(60_000), () => (written += 1))
    await setImmediate()
    expect(written).toBe(1)
    await acknowledge()
    expect(written).toBe(3)
    await acknowledge()
    expect(written).toBe(5)
  })

  it('hold back the rest of a long message, which audio overtakes', async () => {
    const { server, near, acknowledge } = await setUp()
    const before = near.taken
    server.send(media(1_000_000))
    await setImmediate()
    expect(near.taken - before).toBeLessThan(maxUnacknowledged + 130_000)
    expect(server.interleaves).toBe(true)
    server.send(media(1_000, MessageType.Audio))
    for (let round = 0; server.interleaves && round < 20; round += 1) await acknowledge()
    expect([server.interleaves, near.taken - before > 1_000_000]).toEqual([false, true])
  })

  it('do not keep a connection from ending', async () => {
    const { server, near } = await setUp()
    server.write(media(150_000))
    server.write(media(150_000))
    await setImmediate()
    server.destroy()
    await once(server, 'close')
    expect(near.destroyed).toBe(true)
  })
})
