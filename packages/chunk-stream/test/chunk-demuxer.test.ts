import { ChunkDemuxer, LimitError, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { cases } from './cases.ts'
import { codeOf, cutEvery, demux } from './support/demux.ts'
import { bytes, hex } from './support/hex.ts'

describe.each(cases)('$name', ({ bytes, messages }) => {
  it('whole', () => expect(demux([bytes])).toEqual({ messages }))
  it('one byte at a time', () => expect(demux(cutEvery(bytes, 1))).toEqual({ messages }))
  it('seven bytes at a time', () => expect(demux(cutEvery(bytes, 7))).toEqual({ messages }))
  it('with the start of another message behind it', () => {
    const result = demux([Buffer.concat([bytes, hex('05 000000 000002 12 01000000 02')])])
    expect(result.messages).toEqual(messages)
    expect(codeOf(result.error)).toBe('RTMP_ERR_CHUNK_TRUNCATED')
  })
})

const video = hex('06 000064 000133 09 01000000')
const oneByteAudio = hex('04 000000 000001 08 01000000 AF')

describe('abnormal headers end it, after what came before', () => {
  const faults: [name: string, bytes: Buffer][] = [
    ['format 2 on a new chunk stream', hex('87 000000')],
    ['format 3 on a new chunk stream', hex('C7')],
    ['format 3 on a new far chunk stream', hex('C1 2D 01')],
    ...[
      ['format 0', 'length', '06 000064 000132 09 01000000'],
      ['format 0', 'type', '06 000064 000133 08 01000000'],
      ['format 0', 'message stream', '06 000064 000133 09 02000000'],
      ['format 0', 'time', '06 000065 000133 09 01000000'],
      ['format 0', 'extended time', '06 FFFFFF 000133 09 01000000 01000064'],
      ['format 1', 'length', '46 000064 000132 09'],
      ['format 1', 'type', '46 000064 000133 08'],
      ['format 1', 'delta', '46 000063 000133 09'],
    ].map(([format, what, header = '']): [string, Buffer] => [
      `${format} inside a message with another ${what}`,
      Buffer.concat([video, bytes(128, 1), hex(header)]),
    ]),
    ['format 2 inside a message with another delta', Buffer.concat([video, bytes(128, 1), hex('86 000065')])],
  ]
  it.each(faults)('%s', (_name, fault) => {
    for (const segments of [
      [Buffer.concat([oneByteAudio, fault])],
      cutEvery(Buffer.concat([oneByteAudio, fault]), 1),
    ]) {
      const { messages, error } = demux(segments)
      expect(messages).toHaveLength(1)
      expect(error).toBeInstanceOf(ProtocolError)
      expect(error).toMatchObject({ code: 'RTMP_ERR_CHUNK_HEADER', layer: 'chunk' })
    }
  })

  it.each(['00000000', '80000000', 'FFFFFFFF'])('chunk size 0x%s', size => {
    const { messages, error } = demux([hex('02 000000 000004 01 00000000', size)])
    expect(messages).toEqual([])
    expect(error).toBeInstanceOf(ProtocolError)
    expect(codeOf(error)).toBe('RTMP_ERR_CHUNK_SIZE')
  })
})

describe('the end', () => {
  it.each([
    ['in a basic header', hex('00')],
    ['in a message header', hex('04 0000')],
    ['before the payload', video],
    ['in the payload', Buffer.concat([video, bytes(3, 1)])],
    ['between two chunks', Buffer.concat([video, bytes(128, 1)])],
    ['before an extended timestamp', hex('04 FFFFFF 000001 08 01000000')],
  ])('%s is an error', (_name, truncated) => {
    expect(codeOf(demux([truncated]).error)).toBe('RTMP_ERR_CHUNK_TRUNCATED')
  })

  it('after an aborted message is none', () => {
    const aborted = Buffer.concat([video, bytes(128, 1), hex('02 000000 000004 02 00000000 00000006')])
    expect(demux([aborted]).error).toBeUndefined()
  })
})

describe('copies', () => {
  it('nothing of a message that lies in one chunk of one buffer', () => {
    const received = Buffer.from(oneByteAudio)
    const { messages } = demux([received])
    expect(messages[0]?.payload.buffer).toBe(received.buffer)
    received[received.length - 1] = 0xae
    expect(messages[0]?.payload).toEqual(hex('AE'))
  })

  it('waits no longer for an extended timestamp than it takes to see that there is none', () => {
    const messages: RtmpMessage[] = []
    const demuxer = new ChunkDemuxer()
    const whole = Buffer.concat([hex('04 FFFFFF 000081 09 01000000 01020304'), bytes(128, 1), hex('C4 02')])
    demuxer.push(whole, message => messages.push(message))
    expect(messages).toHaveLength(1)
  })
})

describe('limits', () => {
  afterEach(() => void vi.restoreAllMocks())

  function limited(result: { error?: unknown }): unknown {
    expect(result.error).toBeInstanceOf(LimitError)
    return codeOf(result.error)
  }

  it('message length', () => {
    expect(demux([hex('04 000000 000003 08 01000000 010203')], { maxMessageLength: 3 }).error).toBeUndefined()
    expect(limited(demux([hex('04 000000 000004 08 01000000')], { maxMessageLength: 3 }))).toBe(
      'RTMP_ERR_MESSAGE_LENGTH',
    )
    expect(limited(demux([hex('04 000000 800001 08 01000000')]))).toBe('RTMP_ERR_MESSAGE_LENGTH')
  })

  it('message length, raised between two messages', () => {
    const demuxer = new ChunkDemuxer({ maxMessageLength: 1 })
    demuxer.push(oneByteAudio, () => {})
    demuxer.limits = { ...demuxer.limits, maxMessageLength: 2 }
    expect(() => demuxer.push(hex('04 000000 000002 08 01000000 0102'), () => {})).not.toThrow()
    expect(() => demuxer.push(hex('04 000000 000003 08 01000000'), () => {})).toThrow(LimitError)
  })

  it('chunk streams, near and far', () => {
    const three = hex(
      '03 000000 000000 08 01000000',
      '00 00 000000 000000 08 01000000',
      '01 2D 01 000000 000000 08 01000000',
    )
    expect(demux([three], { maxChunkStreams: 3 }).error).toBeUndefined()
    expect(limited(demux([three], { maxChunkStreams: 2 }))).toBe('RTMP_ERR_CHUNK_STREAMS')
    expect(demux([three, three], { maxChunkStreams: 3 }).messages).toHaveLength(6)
  })

  it('chunk size', () => {
    const setTo127 = hex('02 000000 000004 01 00000000 0000007F')
    expect(demux([setTo127]).error).toBeUndefined()
    expect(limited(demux([setTo127], { minChunkSize: 128 }))).toBe('RTMP_ERR_CHUNK_SIZE_TOO_SMALL')
  })

  it('bytes of unfinished messages, all chunk streams together', () => {
    const started = (id: string) => Buffer.concat([hex(id, '000000 000200 09 01000000'), bytes(128, 1)])
    expect(codeOf(demux([started('04'), started('05')], { maxPartialBytes: 1024 }).error)).toBe(
      'RTMP_ERR_CHUNK_TRUNCATED',
    )
    expect(limited(demux([started('04'), started('05')], { maxPartialBytes: 1023 }))).toBe('RTMP_ERR_PARTIAL_BYTES')
  })

  it('bytes of unfinished messages are given back when they finish or are aborted', () => {
    const demuxer = new ChunkDemuxer({ maxPartialBytes: 307 })
    const [part1, part2, part3] = [bytes(128, 1), bytes(128, 2), bytes(51, 3)]
    for (let i = 0; i < 3; i++) {
      demuxer.push(Buffer.concat([video, part1]), () => {})
      expect(demuxer.partialBytes).toBe(307)
      demuxer.push(Buffer.concat([hex('C6'), part2, hex('C6'), part3]), () => {})
      expect(demuxer.partialBytes).toBe(0)
      demuxer.push(Buffer.concat([video, part1, hex('02 000000 000004 02 00000000 00000006')]), () => {})
      expect(demuxer.partialBytes).toBe(0)
    }
  })

  it('chunks per second while they are small', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(5000)
    const limits = { maxSmallChunksPerSecond: 10 }
    const small = hex('02 000000 000004 01 00000000 00000002')
    const tenChunks = Buffer.concat(Array.from({ length: 10 }, () => oneByteAudio))

    expect(demux([tenChunks, tenChunks, tenChunks], limits).error).toBeUndefined()
    expect(limited(demux([small, tenChunks, oneByteAudio], limits))).toBe('RTMP_ERR_CHUNK_RATE')

    const demuxer = new ChunkDemuxer(limits)
    demuxer.push(small, () => {})
    for (let second = 6; second < 10; second++) {
      now.mockReturnValue(second * 1000)
      demuxer.push(tenChunks, () => {})
    }
    expect(() => demuxer.push(tenChunks, () => {})).toThrow(LimitError)
  })

  it('memory follows what was received, not what was announced', () => {
    const allocated = vi.spyOn(Buffer, 'allocUnsafe')
    const sizes = () => allocated.mock.calls.map(([size]) => size)
    const demuxer = new ChunkDemuxer()
    const messages: RtmpMessage[] = []
    const payload = Buffer.from(Array.from({ length: 8 * 1024 * 1024 }, (_, i) => i * 7 + (i >> 8)))

    demuxer.push(hex('02 000000 000004 01 00000000 00FFFFFF', '06 000000 800000 09 01000000 00'), () => {})
    expect(sizes()).toEqual([256 * 1024])
    demuxer.push(payload.subarray(1, 256 * 1024), () => {})
    expect(sizes()).toEqual([256 * 1024])
    for (const segment of cutEvery(payload.subarray(256 * 1024), 65_536)) {
      demuxer.push(segment, message => messages.push(message))
      expect(demuxer.partialBytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    }
    expect(sizes().reduce((sum, size) => sum + size)).toBeLessThan(1.5 * payload.length)
    expect(messages[0]?.payload.equals(payload)).toBe(true)
    expect(demuxer.partialBytes).toBe(0)
  })
})
