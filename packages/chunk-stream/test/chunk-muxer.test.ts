import { ChunkMuxer, MessageType, type RtmpMessage, setChunkSize, UsageError } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demux } from './support/demux.ts'
import { bytes, hex } from './support/hex.ts'

function audio(timestamp: number, payload: Buffer, messageStreamId = 1): RtmpMessage {
  return { messageTypeId: MessageType.Audio, messageStreamId, timestamp, payload }
}

function encodeAll(messages: readonly RtmpMessage[]): Buffer[] {
  const muxer = new ChunkMuxer()
  return messages.map(message => muxer.encode(message))
}

const AF = hex('AF')

describe('header compression', () => {
  it.each<[name: string, messages: RtmpMessage[], expected: Buffer[]]>([
    [
      'full, then delta, then nothing while the delta stays (RTMP 1.0 §5.3.2.1)',
      [audio(1000, AF), audio(1020, AF), audio(1040, AF), audio(1060, AF), audio(1081, AF)],
      [hex('04 0003E8 000001 08 01000000 AF'), hex('84 000014 AF'), hex('C4 AF'), hex('C4 AF'), hex('84 000015 AF')],
    ],
    [
      'format 3 never follows format 0, even where the delta would be its timestamp or 0',
      [audio(26, AF), audio(52, AF), audio(78, AF), audio(78, AF)],
      [hex('04 00001A 000001 08 01000000 AF'), hex('84 00001A AF'), hex('C4 AF'), hex('84 000000 AF')],
    ],
    [
      'another length or type: format 1',
      [audio(0, AF), audio(5, hex('AFAF')), { ...audio(10, hex('AFAF')), messageTypeId: MessageType.Audio }],
      [hex('04 000000 000001 08 01000000 AF'), hex('44 000005 000002 08 AFAF'), hex('C4 AFAF')],
    ],
    [
      'time that goes back, and another message stream: format 0',
      [audio(100, AF), audio(99, AF), audio(99, AF, 2)],
      ['000064', '000063']
        .map(at => hex(`04 ${at} 000001 08 01000000 AF`))
        .concat(hex('04 000063 000001 08 02000000 AF')),
    ],
    [
      'a delta across 2^32',
      [audio(4294967290, AF), audio(14, AF)],
      [hex('04 FFFFFF 000001 08 01000000 FFFFFFFA AF'), hex('84 000014 AF')],
    ],
    [
      'a delta too large for 24 bits: format 0',
      [audio(0, AF), audio(0xfffffe, AF), audio(0xfffffe + 0xffffff, AF)],
      [hex('04 000000 000001 08 01000000 AF'), hex('84 FFFFFE AF'), hex('04 FFFFFF 000001 08 01000000 01FFFFFD AF')],
    ],
    ['no payload', [audio(0, hex('')), audio(0, hex(''))], [hex('04 000000 000000 08 01000000'), hex('84 000000')]],
  ])('%s', (_name, messages, expected) => {
    expect(encodeAll(messages).map(it => it.toString('hex'))).toEqual(expected.map(it => it.toString('hex')))
  })

  it('starts over after forget', () => {
    const muxer = new ChunkMuxer()
    const first = muxer.encode(audio(10, AF))
    muxer.forget()
    expect(muxer.encode(audio(10, AF))).toEqual(first)
  })
})

describe('chunks', () => {
  const body = Buffer.concat([bytes(128, 1), bytes(128, 2), bytes(51, 3)])
  const video: RtmpMessage = {
    messageTypeId: MessageType.Video,
    messageStreamId: 12346,
    timestamp: 1000,
    payload: body,
  }

  it('of 128 bytes (RTMP 1.0 §5.3.2.2)', () => {
    const expected = [
      hex('06 0003E8 000133 09 3A300000'),
      bytes(128, 1),
      hex('C6'),
      bytes(128, 2),
      hex('C6'),
      bytes(51, 3),
    ]
    expect(new ChunkMuxer().encode(video)).toEqual(Buffer.concat(expected))
  })

  it('repeat the extended timestamp unchanged', () => {
    const header = hex('06 FFFFFF 000133 09 3A300000 01000000')
    const again = hex('C6 01000000')
    const expected = [header, bytes(128, 1), again, bytes(128, 2), again, bytes(51, 3)]
    expect(new ChunkMuxer().encode({ ...video, timestamp: 0x01000000 })).toEqual(Buffer.concat(expected))
  })

  it('have no empty one at the end of a full one', () => {
    const expected = [hex('06 000000 000100 09 01000000'), bytes(128, 1), hex('C6'), bytes(128, 2)]
    const payload = body.subarray(0, 256)
    expect(new ChunkMuxer().encode({ ...video, messageStreamId: 1, timestamp: 0, payload })).toEqual(
      Buffer.concat(expected),
    )
  })

  it('take their size from the Set Chunk Size that was encoded before', () => {
    const muxer = new ChunkMuxer()
    expect(muxer.outgoingChunkSize).toBe(128)
    expect(muxer.encode(setChunkSize(256))).toEqual(hex('02 000000 000004 01 00000000 00000100'))
    expect(muxer.outgoingChunkSize).toBe(256)
    const expected = [hex('06 0003E8 000133 09 3A300000'), bytes(128, 1), bytes(128, 2), hex('C6'), bytes(51, 3)]
    expect(muxer.encode(video)).toEqual(Buffer.concat(expected))
    muxer.encode(setChunkSize(0x7fffffff))
    expect(muxer.outgoingChunkSize).toBe(0xffffff)
  })
})

it.each([
  [MessageType.SetChunkSize, 0, 2],
  [MessageType.Acknowledgement, 0, 2],
  [MessageType.UserControl, 0, 2],
  [MessageType.CommandAmf0, 0, 3],
  [MessageType.CommandAmf3, 0, 3],
  [MessageType.SharedObjectAmf0, 0, 3],
  [MessageType.CommandAmf0, 1, 8],
  [MessageType.Audio, 1, 4],
  [MessageType.DataAmf0, 1, 5],
  [MessageType.DataAmf3, 1, 5],
  [MessageType.Video, 1, 6],
])('message type %i of message stream %i goes by chunk stream %i', (messageTypeId, messageStreamId, chunkStreamId) => {
  const payload = hex('00000080')
  expect(new ChunkMuxer().encode({ messageTypeId, messageStreamId, timestamp: 0, payload })[0]).toBe(chunkStreamId)
})

describe('the impossible is refused and changes nothing', () => {
  it.each([0, 0x80000000])('chunk size %i', size => {
    const muxer = new ChunkMuxer()
    expect(() => muxer.encode(setChunkSize(size))).toThrow(UsageError)
    expect(() => muxer.encode({ ...setChunkSize(1), payload: hex('0001') })).toThrow(UsageError)
    expect(muxer.encode(setChunkSize(5))).toEqual(hex('02 000000 000004 01 00000000 00000005'))
  })

  it('a message longer than 24 bits can tell', () => {
    const muxer = new ChunkMuxer()
    const tooLong = audio(0, Buffer.alloc(0x1000000))
    expect(() => muxer.encode(tooLong)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_MESSAGE_TOO_LONG' }))
    expect(muxer.encode(audio(5, AF))).toEqual(hex('04 000005 000001 08 01000000 AF'))
  })
})

const arbitraryMessage: fc.Arbitrary<RtmpMessage> = fc.oneof(
  fc.record({
    messageTypeId: fc.constantFrom(4, 8, 9, 15, 17, 18, 20, 22, 99),
    messageStreamId: fc.constantFrom(0, 1, 2, 0xffffffff),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 0xffffffff })),
    payload: fc
      .oneof(fc.constantFrom(0, 1, 127, 128, 129, 256), fc.integer({ min: 0, max: 700 }))
      .map(length => Buffer.from(Array.from({ length }, (_, i) => i * 31))),
  }),
  fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(60_000, 0xffffff, 0x7fffffff)).map(setChunkSize),
)

it('says what a demuxer hears, for any messages and chunk sizes', () => {
  fc.assert(
    fc.property(fc.array(arbitraryMessage, { maxLength: 30 }), messages => {
      expect(demux([Buffer.concat(encodeAll(messages))])).toEqual({ messages })
    }),
    { numRuns: 300 },
  )
})
