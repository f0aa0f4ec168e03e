import { ChunkDemuxStage, ChunkMuxStage, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { cases } from './cases.ts'
import { cutEvery } from './support/demux.ts'
import { hex } from './support/hex.ts'

async function through(stage: ChunkDemuxStage, segments: Iterable<Buffer>): Promise<unknown[]> {
  const messages: unknown[] = []
  const collect = new Writable({
    objectMode: true,
    write(message, _encoding, done) {
      messages.push(message)
      done()
    },
  })
  await pipeline(Readable.from(segments), stage, collect)
  return messages
}

describe.each(cases)('$name', ({ bytes, messages }) => {
  it('through the stage', async () => {
    expect(await through(new ChunkDemuxStage(), cutEvery(bytes, 100))).toEqual(messages)
  })
})

describe('ChunkDemuxStage', () => {
  const truncated = hex('04 000000 000001 08 01000000 AF', 'C4')

  it('fails on bytes that are no chunk stream', async () => {
    await expect(through(new ChunkDemuxStage(), [hex('C4')])).rejects.toMatchObject({ code: 'RTMP_ERR_CHUNK_HEADER' })
  })

  it('fails when it ends inside a message, unless that is allowed', async () => {
    await expect(through(new ChunkDemuxStage(), [truncated])).rejects.toMatchObject({
      code: 'RTMP_ERR_CHUNK_TRUNCATED',
    })
    const messages = await through(new ChunkDemuxStage(undefined, { allowTruncated: true }), [truncated])
    expect(messages).toHaveLength(1)
  })
})

describe('ChunkMuxStage', () => {
  const audio: RtmpMessage = { messageTypeId: 8, messageStreamId: 1, timestamp: 10, payload: hex('AF') }

  it('turns messages into bytes', async () => {
    const out = await Readable.from([audio, { ...audio, timestamp: 30 }])
      .compose<Readable>(new ChunkMuxStage())
      .toArray()
    expect(Buffer.concat(out as Buffer[])).toEqual(hex('04 00000A 000001 08 01000000 AF', '84 000014 AF'))
  })

  it('fails on a message that can not be sent', async () => {
    const tooLong = { ...audio, payload: Buffer.alloc(0x1000000) }
    const stage = new ChunkMuxStage()
    const failed = pipeline(
      Readable.from([tooLong]),
      stage,
      new Writable({ write: (_bytes, _encoding, done) => done() }),
    )
    await expect(failed).rejects.toMatchObject({ code: 'RTMP_ERR_MESSAGE_TOO_LONG' })
  })
})
