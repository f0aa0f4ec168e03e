import {
  ChunkConnection,
  ChunkDemuxer,
  MessageBatch,
  MessageType,
  type RtmpMessage,
  setChunkSize,
} from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryPair, type PairEnd } from './support/byte-pair.ts'

const MiB = 1024 * 1024
const keyframe = media(MessageType.Video, 0, 2 * MiB)
const audio = [20, 40, 60].map(timestamp => media(MessageType.Audio, timestamp, 350))

function media(messageTypeId: number, timestamp: number, length: number): RtmpMessage {
  return { messageTypeId, messageStreamId: 1, timestamp, payload: Buffer.alloc(length, 7) }
}

/** A server's connection, and the client's end of its line, read only when a test does. */
async function setUp(): Promise<{ server: ChunkConnection; line: PairEnd }> {
  const [near, line] = memoryPair()
  const server = new ChunkConnection(near, { role: 'server' })
  const shaken = once(server, 'handshake')
  line.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]))
  await shaken
  await readAll(line)
  return { server, line }
}

/** Everything that is on the line or comes as long as it is read. */
async function readAll(line: PairEnd): Promise<Buffer> {
  const read: Buffer[] = []
  for (let quiet = 0; quiet < 20; quiet++) {
    for (let bytes = line.read() as Buffer | null; bytes !== null; bytes = line.read()) {
      read.push(bytes)
      quiet = 0
    }
    await setImmediate()
  }
  return Buffer.concat(read)
}

/** Where in the bytes each message ended. */
function ends(bytes: Buffer): { messageTypeId: number; timestamp: number; at: number }[] {
  const demuxer = new ChunkDemuxer()
  const found: { messageTypeId: number; timestamp: number; at: number }[] = []
  for (let at = 0; at < bytes.length; at += 100) {
    demuxer.push(bytes.subarray(at, at + 100), ({ messageTypeId, timestamp }) =>
      found.push({ messageTypeId, timestamp, at }),
    )
  }
  return found
}

describe('a keyframe of 2 MiB on a line that is not read', () => {
  it('holds audio up by what has been written of it, not by all of it', async () => {
    const { server, line } = await setUp()
    server.send(keyframe)
    await setImmediate()
    for (const message of audio) server.send(message)
    expect(server.interleaves).toBe(true)
    const found = ends(await readAll(line))
    expect(found.map(({ timestamp }) => timestamp)).toEqual([20, 40, 60, 0])
    expect(found[2]?.at).toBeLessThan(0.1 * MiB)
    expect([server.interleaves, server.queuedBytes]).toEqual([false, 0])
  })

  it('is the same as part of a batch, and batches after it do not overtake it', async () => {
    const { server, line } = await setUp()
    server.sendBatch(new MessageBatch([keyframe]), 1)
    server.sendBatch(new MessageBatch([...audio, media(MessageType.Video, 80, 500)]), 1)
    const found = ends(await readAll(line))
    expect(found.map(({ timestamp }) => timestamp)).toEqual([20, 40, 60, 0, 80])
  })

  it('is counted as queued, and makes a writer wait until it is through', async () => {
    const { server, line } = await setUp()
    let taken = false
    server.write(keyframe, () => (taken = true))
    await setImmediate()
    expect(server.queuedBytes).toBeGreaterThan(1.9 * MiB)
    expect(taken).toBe(false)
    await readAll(line)
    expect(taken).toBe(true)
  })

  it('is sent before the end', async () => {
    const { server, line } = await setUp()
    server.send(keyframe)
    server.end()
    const ended = once(line, 'end')
    expect(ends(await readAll(line))).toHaveLength(1)
    line.resume()
    await ended
  })

  it('is forgotten when the connection is destroyed', async () => {
    const { server } = await setUp()
    server.send(keyframe)
    await setImmediate()
    server.destroy()
    await once(server, 'close')
    expect(server.queuedBytes).toBeLessThan(0.2 * MiB)
  })

  it('that is too long for a message is refused at once, and nothing has changed', async () => {
    const { server } = await setUp()
    expect(() => server.send(media(MessageType.Video, 0, 16 * MiB))).toThrow(/24 bits/)
    expect([server.interleaves, server.queuedBytes]).toEqual([false, 0])
  })
  it('does not keep an impossible Set Chunk Size from being refused at once', async () => {
    const { server, line } = await setUp()
    server.send(keyframe)
    await setImmediate()
    const refused = expect.objectContaining({ code: 'RTMP_ERR_OUTGOING_CHUNK_SIZE' })
    expect(() => server.send(setChunkSize(0))).toThrow(refused)
    expect(() => server.send({ ...setChunkSize(1), payload: Buffer.alloc(3) })).toThrow(refused)
    expect(ends(await readAll(line)).map(({ messageTypeId }) => messageTypeId)).toEqual([MessageType.Video])
  })
})
