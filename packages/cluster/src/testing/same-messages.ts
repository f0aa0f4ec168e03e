import assert from 'node:assert/strict'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream } from '@rtmpipe/testing'

/** Everything but the message stream id, which means nothing outside its connection. */
export function assertSame(received: readonly RtmpMessage[], expected: readonly RtmpMessage[]): void {
  assert.deepEqual(received.map(described), expected.map(described))
  const differs = received.findIndex(({ payload }, index) => !payload.equals(expected[index]?.payload ?? payload))
  assert.equal(differs, -1, 'place of the first message with another payload')
}

/** Metadata at 0, headers with the time of what follows, then `sampleStream(count)` from a keyframe to its end. */
export function assertLateSample(received: readonly RtmpMessage[], count: number): void {
  const start = received[1]?.timestamp ?? NaN
  assertSame(received.slice(0, 3), [samples.metadata(), samples.audioHeader(start), samples.videoHeader(start)])
  const media = sampleStream(count).slice(3)
  const keyframe = media.findIndex(({ timestamp }) => timestamp === start)
  assert.equal(keyframe % 20, 0, `begins at ${start} ms, where there is no keyframe`)
  assertSame(received.slice(3), media.slice(keyframe))
}

function described({ messageTypeId, timestamp, payload, discontinuity = false }: RtmpMessage): string {
  return `type ${messageTypeId} at ${timestamp}, ${payload.length} bytes${discontinuity ? ', discontinuity' : ''}`
}
