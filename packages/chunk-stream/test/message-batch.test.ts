import {
  abortMessage,
  MessageBatch,
  MessageType,
  type RtmpMessage,
  setChunkSize,
  UsageError,
} from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { demux } from './support/demux.ts'
import { bytes, hex } from './support/hex.ts'

const messages: RtmpMessage[] = [
  { messageTypeId: MessageType.DataAmf0, messageStreamId: 9, timestamp: 0, payload: hex('02') },
  { messageTypeId: MessageType.Audio, messageStreamId: 9, timestamp: 20, payload: hex('AF01') },
  { messageTypeId: MessageType.Audio, messageStreamId: 9, timestamp: 20, payload: hex('AF02') },
  { messageTypeId: MessageType.Video, messageStreamId: 9, timestamp: 0x01000000, payload: bytes(130, 0x17) },
  { messageTypeId: MessageType.CommandAmf0, messageStreamId: 9, timestamp: 0, payload: hex('03') },
]

describe('MessageBatch', () => {
  it('encodes all messages with full headers, for the stream it is asked for', () => {
    const expected = [
      hex('05 000000 000001 12 02000000 02'),
      hex('04 000014 000002 08 02000000 AF01'),
      hex('04 000014 000002 08 02000000 AF02'),
      hex('06 FFFFFF 000082 09 02000000 01000000'),
      bytes(128, 0x17),
      hex('C6 01000000 1717'),
      hex('08 000000 000001 14 02000000 03'),
    ]
    expect(new MessageBatch(messages).encode(128, 2)).toEqual(Buffer.concat(expected))
  })

  it('counts its payload', () => {
    expect(new MessageBatch(messages).byteLength).toBe(1 + 2 + 2 + 130 + 1)
    expect(new MessageBatch([]).encode(128, 1)).toHaveLength(0)
  })

  it('encodes once per chunk size and message stream, whatever the order it is asked in', () => {
    const batch = new MessageBatch(messages)
    const keys = [128, 4096, 128].flatMap(size => [1, 2, 1].map(id => [size, id] as const))
    const encoded = keys.map(([size, id]) => batch.encode(size, id))
    expect(new Set(encoded).size).toBe(4)

    keys.forEach(([size, messageStreamId], i) => {
      const setSize = hex('02 000000 000004 01 00000000', size.toString(16).padStart(8, '0'))
      const result = demux([setSize, encoded[i] as Buffer])
      expect(result.messages.slice(1)).toEqual(messages.map(message => ({ ...message, messageStreamId })))
      expect(result.error).toBeUndefined()
    })
  })

  it('leaves its memory to the next one when all who had it have read it', () => {
    const [first, next] = [new MessageBatch(messages), new MessageBatch(messages)]
    const read = [1, 2].map(id => first.lend(128, id))
    first.release()
    const again = [3, 4].map(id => next.lend(128, id))
    expect(again.map(({ byteOffset }) => byteOffset)).toEqual(read.map(({ byteOffset }) => byteOffset))
    next.release()
  })

  it.each<[string, (batch: MessageBatch) => Buffer]>([
    ['that were kept', batch => (batch.keep(), batch.lend(128, 1))],
    ['that somebody asked for to keep them', batch => batch.encode(128, 1)],
  ])('leaves bytes alone %s', (_what, bytesOf) => {
    const first = new MessageBatch(messages)
    const bytes = bytesOf(first)
    const before = Buffer.from(bytes)
    first.release()
    for (let round = 0; round < 2_000; round += 1) {
      const next = new MessageBatch([{ ...(messages[0] as RtmpMessage), payload: Buffer.alloc(200, 0xee) }])
      next.lend(4096, 1)
      next.release()
    }
    expect(bytes).toEqual(before)
  })

  it('leaves alone what others took meanwhile', () => {
    const [first, other] = [new MessageBatch(messages), new MessageBatch(messages)]
    first.lend(128, 1)
    const kept = other.encode(128, 7)
    const before = Buffer.from(kept)
    first.release()
    new MessageBatch([{ ...(messages[0] as RtmpMessage), payload: Buffer.alloc(400, 0xee) }]).lend(4096, 1)
    expect(kept).toEqual(before)
  })

  it('encodes anew for who asks after the release', () => {
    const batch = new MessageBatch(messages)
    const before = Buffer.from(batch.lend(128, 1))
    batch.release()
    expect(batch.encode(128, 1)).toEqual(before)
  })

  it.each([setChunkSize(256), abortMessage(4)])('refuses what changes the framing', message => {
    expect(() => new MessageBatch([message])).toThrow(UsageError)
  })
})
