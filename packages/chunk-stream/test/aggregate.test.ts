import { aggregate, MessageType, type RtmpMessage, splitAggregate } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes, hex } from './support/hex.ts'

const body = (...digits: string[]): RtmpMessage => ({
  messageTypeId: 22,
  messageStreamId: 5,
  timestamp: 1_000,
  payload: hex(...digits),
})
const message = (messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 5,
  timestamp,
  payload,
})

// Type, length, timestamp with its high byte last, stream id; payload; 11 + length.
const audio = '08 000002 000064 00 000000 | AF01 | 0000000D'
const video = '09 000003 000078 00 000000 | 270102 | 0000000E'
const data = '12 000000 000078 00 000000 | | 0000000B'

describe('splitting an Aggregate', () => {
  it('gives its messages on its stream, in time from its own', () => {
    expect(splitAggregate(body(audio, video, data))).toEqual([
      message(8, 1_000, hex('AF01')),
      message(9, 1_020, hex('270102')),
      message(18, 1_020, hex('')),
    ])
  })

  it('takes the high byte of timestamps from behind the others', () => {
    const [first, second] = ['08 000000 FFFFFF 01 000000 0000000B', '08 000000 000005 02 000000 0000000B']
    expect(splitAggregate(body(first, second)).map(({ timestamp }) => timestamp)).toEqual([1_000, 1_006])
  })

  it('lets time wrap, inside and outside, and go back', () => {
    const inside = ['08 000000 FFFFFE FF 000000 0000000B', '08 000000 000003 00 000000 0000000B']
    const backwards = '08 000000 FFFFF0 FF 000000 0000000B'
    const split = splitAggregate({ ...body(...inside, backwards), timestamp: 0xfffffffd })
    expect(split.map(({ timestamp }) => timestamp)).toEqual([0xfffffffd, 2, 0xffffffef])
  })

  it.each([
    ['no message', [], 0],
    ['a wrong back pointer', [audio.replace('0000000D', '7FFFFFFF'), video], 2],
    ['no last back pointer', [audio, video.replace('0000000E', '')], 2],
    ['stream ids of its own', [audio.replace('000000 | AF01', '000007 | AF01')], 1],
    ['1,024 messages', Array<string>(1_024).fill(data), 1_024],
  ])('takes %s', (_what, parts, count) => {
    const split = splitAggregate(body(...parts))
    expect(split).toHaveLength(count)
    expect(split.every(({ messageStreamId }) => messageStreamId === 5)).toBe(true)
  })

  it.each([
    ['a header cut off', [audio, '08 000002'], 'RTMP_ERR_AGGREGATE'],
    ['a message longer than the rest', ['08 000003 000064 00 000000 AF01'], 'RTMP_ERR_AGGREGATE'],
    ['a message of 16 MiB', ['08 FFFFFF 000064 00 000000 AF01 0000000D'], 'RTMP_ERR_AGGREGATE'],
    ['a back pointer cut off', [audio.replace('0000000D', '000000')], 'RTMP_ERR_AGGREGATE'],
    ['another Aggregate in it', [audio, '16 000000 000064 00 000000 0000000B'], 'RTMP_ERR_AGGREGATE'],
    ['a Set Chunk Size in it', ['01 000004 000000 00 000000 00001000 0000000F'], 'RTMP_ERR_AGGREGATE'],
    ['an Abort in it', ['02 000004 000000 00 000000 00000006 0000000F'], 'RTMP_ERR_AGGREGATE'],
    ['type 0 in it', ['00 000000 000000 00 000000 0000000B'], 'RTMP_ERR_AGGREGATE'],
    ['1,025 messages', Array<string>(1_025).fill(data), 'RTMP_ERR_AGGREGATE_MESSAGES'],
  ])('refuses %s', (_what, parts, code) => {
    expect(() => splitAggregate(body(...parts))).toThrow(expect.objectContaining({ code }))
  })

  it('of any bytes is a list of messages inside them, or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (junk, begins) => {
        const payload = Buffer.concat([begins ? hex(audio) : hex(''), junk])
        try {
          const split = splitAggregate({ ...body(), payload })
          expect(split.reduce((sum, it) => sum + 11 + it.payload.length, 0)).toBeLessThanOrEqual(payload.length)
        } catch (error) {
          expect(error).toMatchObject({ code: 'RTMP_ERR_AGGREGATE' })
        }
      }),
    )
  })
})

describe('making an Aggregate', () => {
  it('writes each message as it is read', () => {
    const messages = [message(8, 100, hex('AF01')), message(9, 120, hex('270102')), message(18, 120, hex(''))]
    expect(aggregate(messages)).toEqual({ ...body(audio, video, data), timestamp: 100 })
  })

  it('writes timestamps of more than 24 bits', () => {
    expect(aggregate([message(8, 0xfe123456, hex(''))]).payload).toEqual(hex('08 000000 123456 FE 000000 0000000B'))
  })

  it('is undone by splitting', () => {
    const messages = fc.array(
      fc.record({
        messageTypeId: fc.constantFrom(MessageType.Audio, MessageType.Video, MessageType.DataAmf0),
        messageStreamId: fc.constant(1),
        timestamp: fc.integer({ min: 0, max: 0xffffffff }),
        payload: fc.uint8Array({ maxLength: 20 }).map(it => Buffer.from(it)),
      }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(messages, some => {
        expect(splitAggregate(aggregate(some))).toEqual(some)
      }),
    )
  })

  it.each<[string, RtmpMessage[], string]>([
    ['nothing', [], 'RTMP_ERR_USAGE'],
    ['1,025 messages', Array<RtmpMessage>(1_025).fill(message(8, 0, hex(''))), 'RTMP_ERR_USAGE'],
    [
      'messages of two streams',
      [message(8, 0, hex('')), { ...message(8, 0, hex('')), messageStreamId: 6 }],
      'RTMP_ERR_USAGE',
    ],
    ['an Aggregate', [aggregate([message(8, 0, hex(''))])], 'RTMP_ERR_USAGE'],
    ['protocol control', [message(MessageType.SetChunkSize, 0, hex('00001000'))], 'RTMP_ERR_USAGE'],
    ['16 MiB', [message(9, 0, bytes(0xffffff - 14, 0))], 'RTMP_ERR_MESSAGE_TOO_LONG'],
  ])('refuses %s', (_what, messages, code) => {
    expect(() => aggregate(messages)).toThrow(expect.objectContaining({ code }))
  })
})
