import { ChunkDemuxer, LimitError, ProtocolError } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { script, writeScript } from './support/chunk-script.ts'
import { codeOf, cut, cutEvery, demux } from './support/demux.ts'

const sizes = fc.infiniteStream(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 400 })))

it('finds the messages of any chunk stream, however it is cut', () => {
  fc.assert(
    fc.property(script, sizes, (script, sizes) => {
      const { bytes, messages } = writeScript(script)
      expect(demux([bytes])).toEqual({ messages })
      expect(demux(cut(bytes, sizes))).toEqual({ messages })
      expect(demux(cutEvery(bytes, 1))).toEqual({ messages })
    }),
    { numRuns: 200 },
  )
})

it('keeps nothing of bytes that are lent to it', () => {
  fc.assert(
    fc.property(script, sizes, (script, sizes) => {
      const { bytes, messages } = writeScript(script)
      const demuxer = new ChunkDemuxer()
      const found: unknown[] = []
      const lent = Buffer.alloc(bytes.length)
      for (const part of cut(bytes, sizes)) {
        part.copy(lent)
        demuxer.push(lent.subarray(0, part.length), message => found.push(message), true)
        lent.fill(0xee)
      }
      expect(found).toEqual(messages)
    }),
    { numRuns: 200 },
  )
})

/** Arbitrary bytes, and chunk streams with some of theirs replaced, which get further. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map(bytes => Buffer.from(bytes)),
  fc
    .tuple(script, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }))
    .map(([script, edits]) => {
      const { bytes } = writeScript(script)
      if (bytes.length > 0) for (const [at, value] of edits) bytes[at % bytes.length] = value
      return bytes
    }),
)

it('answers hostile bytes with a typed error, the same one however they are cut', () => {
  fc.assert(
    fc.property(hostile, sizes, (bytes, sizes) => {
      const whole = demux([bytes])
      if (whole.error !== undefined) {
        expect(whole.error instanceof ProtocolError || whole.error instanceof LimitError).toBe(true)
      }
      const parts = demux(cut(bytes, sizes))
      expect(parts.messages).toEqual(whole.messages)
      expect(codeOf(parts.error)).toBe(codeOf(whole.error))
    }),
    { numRuns: 500 },
  )
})

it('never allocates beyond its limit', () => {
  const limits = { maxPartialBytes: 700, maxMessageLength: 400, maxChunkStreams: 5 }
  fc.assert(
    fc.property(hostile, sizes, (bytes, sizes) => {
      const demuxer = new ChunkDemuxer(limits)
      try {
        for (const segment of cut(bytes, sizes)) {
          demuxer.push(segment, message => expect(message.payload.length).toBeLessThanOrEqual(400))
          expect(demuxer.partialBytes).toBeLessThanOrEqual(700)
        }
      } catch (error) {
        expect(error instanceof ProtocolError || error instanceof LimitError).toBe(true)
      }
      expect(demuxer.partialBytes).toBeLessThanOrEqual(700)
    }),
    { numRuns: 300 },
  )
})
