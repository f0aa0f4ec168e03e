import { mediaRole } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { StreamHead } from '../../src/record/stream-head.ts'

it('a file does not begin with an empty header that came after a good one', () => {
  const head = new StreamHead()
  const [video, audio] = [samples.videoHeader(), samples.audioHeader()]
  const empty = [
    { ...video, payload: video.payload.subarray(0, 5) },
    { ...audio, payload: audio.payload.subarray(0, 2) },
  ]
  for (const message of [video, audio, ...empty]) head.add(message, mediaRole(message))
  expect(head.headers.map(({ payload }) => payload)).toEqual([video.payload, audio.payload])
})
