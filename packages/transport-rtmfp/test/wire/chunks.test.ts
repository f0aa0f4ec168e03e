import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  readAcknowledgementBitmap,
  readAcknowledgementRanges,
  writeAcknowledgement,
} from '../../src/wire/acknowledgement.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ByteWriter } from '../../src/wire/byte-writer.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { forEachChunk, readHeader, writeChunk, writeHeader } from '../../src/wire/packet.ts'
import * as session from '../../src/wire/session-chunks.ts'
import * as startup from '../../src/wire/startup-chunks.ts'
import {
  readNextUserData,
  readUserData,
  type UserData,
  writeNextUserData,
  writeUserData,
} from '../../src/wire/user-data.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { WireError } from '../../src/wire/wire-error.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

/** Reads all chunks and writes them again; those that are not known, as they are. */
function again(packet: Buffer): Buffer {
  const writer = new ByteWriter(Buffer.alloc(packet.length + 64))
  let before: UserData | undefined
  forEachChunk(new ByteReader(packet), (type, payload) => {
    const isNext = type === ChunkType.NextUserData
    switch (type) {
      case ChunkType.UserData:
      case ChunkType.NextUserData: {
        const chunk: UserData = isNext ? readNextUserData(payload, before) : readUserData(payload)
        before = chunk
        const { options: list, ...rest } = chunk
        const options = list && Buffer.concat(list.map(option => encodeOption(option.type, option.value)))
        return (isNext ? writeNextUserData : writeUserData)(writer, { ...rest, options })
      }
      case ChunkType.AcknowledgementRanges:
        return void writeAcknowledgement(writer, readAcknowledgementRanges(payload))
      case ChunkType.BufferProbe:
        return session.writeBufferProbe(writer, session.readBufferProbe(payload))
      case ChunkType.FlowException:
        return session.writeFlowException(writer, session.readFlowException(payload))
      case ChunkType.Ping:
        return session.writePing(writer, payload.rest())
      case ChunkType.PingReply:
        return session.writePingReply(writer, payload.rest())
      case ChunkType.SessionCloseRequest:
        return session.writeCloseRequest(writer)
      case ChunkType.SessionCloseAcknowledgement:
        return session.writeCloseAcknowledgement(writer)
      case ChunkType.InitiatorHello:
        return startup.writeInitiatorHello(writer, startup.readInitiatorHello(payload))
      case ChunkType.ForwardedInitiatorHello:
        return startup.writeForwardedHello(writer, startup.readForwardedHello(payload))
      case ChunkType.ResponderHello:
        return startup.writeResponderHello(writer, startup.readResponderHello(payload))
      case ChunkType.Redirect:
        return startup.writeRedirect(writer, startup.readRedirect(payload))
      case ChunkType.CookieChange:
        return startup.writeCookieChange(writer, startup.readCookieChange(payload))
      case ChunkType.InitiatorInitialKeying:
        return startup.writeInitiatorKeying(writer, startup.readInitiatorKeying(payload))
      case ChunkType.ResponderInitialKeying:
        return startup.writeResponderKeying(writer, startup.readResponderKeying(payload))
      case ChunkType.PacketFragment:
        return startup.writePacketFragment(writer, startup.readPacketFragment(payload))
      default:
        return writeChunk(writer, type, out => out.put(payload.rest()))
    }
  })
  return writer.written
}

describe('chunks of the specification', () => {
  const exact = vectors.chunks.cases.filter(({ meaning }) => !/[Bb]itmap|truncated/.test(meaning))

  it.each(exact)('$meaning', ({ hex }) => {
    expect(again(bytes(hex)).toString('hex')).toBe(hex)
  })

  it('three messages of one flow in a packet', () => {
    const chunks: UserData[] = []
    forEachChunk(new ByteReader(bytes(vectors.chunks.cases[0]?.hex ?? '')), (type, payload) => {
      chunks.push(type === ChunkType.UserData ? readUserData(payload) : readNextUserData(payload, chunks.at(-1)))
    })
    expect(chunks.map(({ flowId, sequence, forwardSequence }) => [flowId, sequence, forwardSequence])).toEqual([
      [2, 5, 2],
      [2, 6, 2],
      [2, 7, 2],
    ])
  })

  const payloadOf = (hex: string) => new ByteReader(bytes(hex), 3)

  it('acknowledgements by bits and by ranges', () => {
    expect(readAcknowledgementBitmap(payloadOf('500005057f107906'))).toEqual({
      flowId: 5,
      bufferAvailable: 127 * 1024,
      cumulative: 16,
      ranges: [
        { first: 18, last: 18 },
        { first: 21, last: 24 },
        { first: 27, last: 28 },
      ],
    })
    const [first, second] = [
      { first: 18, last: 18 },
      { first: 21, last: 24 },
    ]
    expect(readAcknowledgementRanges(payloadOf('510007057f1000000103')).ranges).toEqual([first, second])
  })

  it('an acknowledgement whose last range is cut off counts up to there', () => {
    expect(readAcknowledgementRanges(payloadOf('510007057f1000000183')).ranges).toEqual([{ first: 18, last: 18 }])
  })

  it('ranges that have no room are left out, and the rest is right', () => {
    const ranges = [1, 2, 3, 4].map(index => ({ first: index * 1000, last: index * 1000 + 1 }))
    const writer = new ByteWriter(Buffer.alloc(14))
    const acknowledgement = { flowId: 1, bufferAvailable: 1024, cumulative: 1, ranges }
    expect(writeAcknowledgement(writer, acknowledgement)).toBe(true)
    expect(readAcknowledgementRanges(new ByteReader(writer.written, 3)).ranges).toEqual(ranges.slice(0, 2))
    expect(writeAcknowledgement(new ByteWriter(Buffer.alloc(5)), acknowledgement)).toBe(false)
  })
})

describe('what is no chunk', () => {
  it.each(vectors.malformed.cases)('$why: the one after it counts', ({ hex }) => {
    const seen: number[] = []
    forEachChunk(new ByteReader(Buffer.concat([bytes(hex), bytes('010000')])), (type, payload) => {
      seen.push(type)
      again(Buffer.concat([payload.bytes.subarray(payload.position - 3, payload.end)]))
      if (type !== ChunkType.Ping) throw readAll(type, payload)
    })
    expect(seen.at(-1)).toBe(ChunkType.Ping)
  })

  it.each(vectors.packetLayer.paddingRules)('$note', ({ note, packet }) => {
    const reader = new ByteReader(bytes(packet))
    if (note.startsWith('mode 0')) {
      expect(() => readHeader(reader)).toThrow(WireError)
      return
    }
    readHeader(reader)
    const seen: number[] = []
    forEachChunk(reader, type => seen.push(type))
    expect(seen).toEqual(note.startsWith('chunks') ? [0x00, 0xff, ChunkType.Ping] : [ChunkType.Ping])
  })

  it('random bytes end in nothing but chunks and refusals', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), random => {
        again(Buffer.from(random))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Malformed chunks have to be refused by whoever reads them. */
function readAll(type: number, payload: ByteReader): Error {
  const readers: Record<number, (payload: ByteReader) => unknown> = {
    [ChunkType.UserData]: readUserData,
    [ChunkType.NextUserData]: each => readNextUserData(each, undefined),
    [ChunkType.AcknowledgementRanges]: readAcknowledgementRanges,
    [ChunkType.FlowException]: session.readFlowException,
    [ChunkType.InitiatorInitialKeying]: startup.readInitiatorKeying,
    [ChunkType.ResponderHello]: startup.readResponderHello,
    [ChunkType.PacketFragment]: startup.readPacketFragment,
  }
  expect(() => readers[type]?.(payload)).toThrow(WireError)
  return new WireError('as it should be')
}

it('headers', () => {
  const header = {
    mode: 2,
    timeCritical: true,
    timeCriticalReverse: true,
    timestamp: 1,
    timestampEcho: 65_535,
  } as const
  const writer = new ByteWriter(Buffer.alloc(5))
  writeHeader(writer, header)
  expect(writer.written.toString('hex')).toBe('ce0001ffff')
  expect(readHeader(new ByteReader(writer.written))).toEqual(header)
})

describe('packets of the reference implementation', () => {
  const packets = [
    ...vectors.live.cases.flatMap(({ keys: _keys, startup, session }) => [...startup, ...session]),
    ...vectors.capture.cases.flatMap(one => [...one.packets]),
  ]

  it.each(packets.map(({ plaintext }, index) => [index, plaintext] as const))(
    'packet %i is written as it was',
    (_, hex) => {
      const plain = bytes(hex)
      // What stands before the header is one to three bytes, by the negotiation of the session.
      const starts = [0, 1, 2, 3, 4].filter(start => isPacketAt(plain, start))
      expect(starts.length).toBeGreaterThan(0)
      const isAgain = starts.some(start => {
        const reader = new ByteReader(plain, start)
        const writer = new ByteWriter(Buffer.alloc(plain.length + 8))
        writeHeader(writer, readHeader(reader))
        writer.put(again(plain.subarray(reader.position)))
        const written = writer.written
        const rest = plain.subarray(start + written.length)
        return written.equals(plain.subarray(start, start + written.length)) && rest.every(byte => byte === 0xff)
      })
      expect(isAgain).toBe(true)
    },
  )
})

function isPacketAt(plain: Buffer, start: number): boolean {
  try {
    readHeader(new ByteReader(plain, start))
    return true
  } catch {
    return false
  }
}
