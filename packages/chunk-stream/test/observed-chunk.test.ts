import { describe, expect, it } from 'vitest'
import { ChunkDemuxer, type ObservedChunk } from '../src/index.ts'
import { cases } from './cases.ts'
import { bytes, hex } from './support/hex.ts'

function observe(pieces: readonly Buffer[]): ObservedChunk[] {
  const chunks: ObservedChunk[] = []
  const demuxer = new ChunkDemuxer(undefined, chunk => chunks.push(chunk))
  for (const piece of pieces) demuxer.push(piece, () => {})
  return chunks
}

// A video of 200 bytes at 0x01000000 with an audio of 2 bytes, format 1, inside.
const interleaved = [
  hex('06 FFFFFF 0000C8 09 01000000 01000000'),
  bytes(128, 0xaa),
  hex('44 000014 000002 08 AF01'),
  hex('C6 01000000'),
  bytes(72, 0xbb),
]
const expected: readonly ObservedChunk[] = [
  {
    chunkStreamId: 6,
    format: 0,
    headerLength: 16,
    extendedTimestamp: true,
    timestamp: 0x1000000,
    messageLength: 200,
    messageTypeId: 9,
    messageStreamId: 1,
    messageOffset: 0,
    payloadLength: 128,
  },
  {
    chunkStreamId: 4,
    format: 1,
    headerLength: 8,
    extendedTimestamp: false,
    timestamp: 20,
    messageLength: 2,
    messageTypeId: 8,
    messageStreamId: 0,
    messageOffset: 0,
    payloadLength: 2,
  },
  {
    chunkStreamId: 6,
    format: 3,
    headerLength: 5,
    extendedTimestamp: true,
    timestamp: 0x1000000,
    messageLength: 200,
    messageTypeId: 9,
    messageStreamId: 1,
    messageOffset: 128,
    payloadLength: 72,
  },
]

describe('the observer of a ChunkDemuxer', () => {
  it('is told of every chunk before its payload', () => {
    expect(observe(interleaved)).toEqual(expected)
  })

  it('is told the same when bytes come one by one', () => {
    expect(observe(Array.from(Buffer.concat(interleaved), byte => Buffer.of(byte)))).toEqual(expected)
  })

  it.each(cases)('$name: chunks cover all bytes', ({ bytes }) => {
    for (const pieces of [[bytes], Array.from(bytes, byte => Buffer.of(byte))]) {
      const lengths = observe(pieces).map(({ headerLength, payloadLength }) => headerLength + payloadLength)
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length)
    }
  })
})
