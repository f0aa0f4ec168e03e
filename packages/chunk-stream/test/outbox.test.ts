import {
  abortMessage,
  ChunkDemuxer,
  ChunkMuxer,
  MessageType,
  type RtmpMessage,
  setChunkSize,
  userControl,
} from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { Outbox } from '../src/outbox.ts'

function message(messageTypeId: number, timestamp: number, length: number, messageStreamId = 1): RtmpMessage {
  return { messageTypeId, messageStreamId, timestamp, payload: Buffer.alloc(length, timestamp) }
}

const { Audio, Video, DataAmf0, CommandAmf0, Acknowledgement } = MessageType

/** The messages in the order in which their last byte leaves, and the chunks that took. */
function drain(outbox: Outbox, demuxer = new ChunkDemuxer()): { messages: RtmpMessage[]; chunks: Buffer[] } {
  const messages: RtmpMessage[] = []
  const chunks: Buffer[] = []
  while (!outbox.isEmpty) {
    const chunk = Buffer.concat(outbox.next())
    chunks.push(chunk)
    demuxer.push(chunk, it => messages.push(it))
  }
  return { messages, chunks }
}

function pushed(...messages: RtmpMessage[]): Outbox {
  const outbox = new Outbox(new ChunkMuxer())
  for (const one of messages) outbox.push(one)
  return outbox
}

describe('messages that wait together', () => {
  it('leave by lane, and in order within a lane', () => {
    const video = [message(Video, 1, 300), message(Video, 2, 300)]
    const data = message(DataAmf0, 3, 300)
    const audio = [message(Audio, 4, 300), message(Audio, 5, 10)]
    const call = message(CommandAmf0, 6, 20, 0)
    const ping = { ...userControl({ type: 'PingRequest', timestamp: 9 }), timestamp: 7 }
    const acknowledgement = { ...message(Acknowledgement, 8, 4, 0) }
    const all = [video[0], data, video[1], audio[0], call, audio[1], ping, acknowledgement] as RtmpMessage[]
    const { messages } = drain(pushed(...all))
    expect(messages).toEqual([ping, acknowledgement, call, audio[0], audio[1], video[0], data, video[1]])
  })

  it('are looked at again before every chunk', () => {
    const outbox = pushed(message(Video, 1, 1000))
    const first = outbox.next()
    outbox.push(message(Audio, 2, 200))
    const { messages, chunks } = drain(outbox, preparedBy(first))
    expect(messages.map(({ messageTypeId }) => messageTypeId)).toEqual([Audio, Video])
    // Two chunks of audio, then the seven that were left of the video.
    expect(chunks).toHaveLength(2 + 7)
  })

  it('do not overtake what is said about their stream', () => {
    const end = userControl({ type: 'StreamEof', messageStreamId: 1 })
    const status = message(CommandAmf0, 2, 30)
    const all = [message(Video, 1, 300), end, status, message(Audio, 3, 10), message(Video, 4, 10)]
    expect(drain(pushed(...all)).messages).toEqual(all)
  })

  it('keep their order behind what is said about their stream', () => {
    const begin = userControl({ type: 'StreamBegin', messageStreamId: 1 })
    const audio = [message(Audio, 3, 300), message(Audio, 4, 10), message(Audio, 5, 10)] as const
    const outbox = pushed(message(Video, 1, 300), begin, message(Video, 2, 300), audio[0])
    const demuxer = new ChunkDemuxer()
    const received: RtmpMessage[] = []
    const take = (): void => demuxer.push(Buffer.concat(outbox.next()), it => received.push(it))
    // The video's three chunks and the event: nothing is in the way of audio any more.
    for (let chunk = 0; chunk < 4; chunk++) take()
    outbox.push(audio[1])
    // Into the middle of the first audio message.
    take()
    outbox.push(audio[2])
    received.push(...drain(outbox, demuxer).messages)
    expect(received.map(({ timestamp }) => timestamp)).toEqual([1, 0, 3, 4, 5, 2])
  })

  it('are not overtaken by the media that follow while they are under way', () => {
    const status = message(CommandAmf0, 1, 300)
    const outbox = pushed(status)
    const demuxer = preparedBy(outbox.next())
    outbox.push(message(Audio, 2, 10))
    expect(drain(outbox, demuxer).messages.map(({ timestamp }) => timestamp)).toEqual([1, 2])
  })

  it('are counted until the last byte is taken', () => {
    const outbox = pushed(message(Video, 1, 300), message(Audio, 2, 10))
    expect(outbox.bytes).toBe(312)
    outbox.next()
    expect([outbox.bytes, outbox.isEmpty]).toEqual([301, false])
    for (let chunk = 0; chunk < 3; chunk++) outbox.next()
    expect([outbox.bytes, outbox.isEmpty]).toEqual([0, true])
  })

  it('are cut by the chunk size that holds when a chunk is written', () => {
    const outbox = pushed(message(Video, 1, 1000))
    const demuxer = preparedBy(outbox.next())
    outbox.push(setChunkSize(500))
    const { messages, chunks } = drain(outbox, demuxer)
    expect(messages.map(({ messageTypeId }) => messageTypeId)).toEqual([MessageType.SetChunkSize, Video])
    expect(chunks.map(({ length }) => length)).toEqual([16, 501, 373])
  })

  it('are cut by a new size even where the old one was too short for the Set Chunk Size', () => {
    const outbox = pushed(setChunkSize(2), setChunkSize(500), message(Video, 1, 1000))
    expect(drain(outbox).chunks.map(({ length }) => length)).toEqual([16, 9, 512, 501])
  })

  it('are not mixed up with others of the same chunk stream', () => {
    const outbox = pushed(message(99, 1, 300, 0))
    const demuxer = preparedBy(outbox.next())
    outbox.push(message(CommandAmf0, 2, 300, 0))
    expect(drain(outbox, demuxer).messages.map(({ timestamp }) => timestamp)).toEqual([1, 2])
  })

  it('are not cut short by an Abort', () => {
    const outbox = pushed(message(Video, 1, 300))
    const demuxer = preparedBy(outbox.next())
    outbox.push(abortMessage(6))
    expect(drain(outbox, demuxer).messages.map(({ messageTypeId }) => messageTypeId)).toEqual([
      Video,
      MessageType.Abort,
    ])
  })

  it('repeat an extended timestamp in every chunk', () => {
    const long = message(Video, 0x1000000, 300)
    const { messages, chunks } = drain(pushed(long))
    expect(messages).toEqual([long])
    expect(chunks.map(({ length }) => length)).toEqual([12 + 4 + 128, 1 + 4 + 128, 1 + 4 + 44])
  })

  it('without payload are a chunk each', () => {
    const { messages, chunks } = drain(pushed(message(Video, 1, 0), message(Video, 2, 0)))
    expect([messages.length, chunks.length]).toEqual([2, 2])
  })
})

function preparedBy(chunk: readonly Buffer[]): ChunkDemuxer {
  const demuxer = new ChunkDemuxer()
  demuxer.push(Buffer.concat(chunk), () => expect.unreachable())
  return demuxer
}
