import { ChunkDemuxer } from '@rtmpipe/chunk-stream'
import { describe, expect, test } from 'vitest'
import { recordings, rtmpBytes } from '../support/recordings.ts'
import type { RecordedMessage } from '../support/recordings.ts'

/** C0, C1 and C2, or S0, S1 and S2. */
const handshakeLength = 1 + 1536 + 1536

describe.each(recordings())('$file', recording => {
  const bytes = rtmpBytes(recording).subarray(handshakeLength)

  test('holds the messages that tshark found', () => {
    expect(demux([bytes])).toEqual(recording.messages)
  })

  test('holds them when it comes in single bytes', () => {
    expect(demux(Array.from(bytes, byte => Buffer.of(byte)))).toEqual(recording.messages)
  })
})

test('recordings cover several clients, both roles and both transports', () => {
  const all = recordings()
  expect(new Set(all.map(({ client }) => client)).size).toBeGreaterThanOrEqual(5)
  for (const role of ['publish', 'play']) {
    for (const transport of ['rtmp', 'rtmpt']) {
      expect(all.filter(recording => recording.role === role && recording.transport === transport)).not.toEqual([])
    }
  }
})

function demux(pieces: readonly Buffer[]): RecordedMessage[] {
  const demuxer = new ChunkDemuxer()
  const found: RecordedMessage[] = []
  for (const piece of pieces) {
    demuxer.push(piece, ({ messageTypeId, messageStreamId, timestamp, payload }) => {
      found.push([messageTypeId, messageStreamId, timestamp, payload.length])
    })
  }
  return found
}
