import { samples } from '@rtmpipe/testing'
import fc from 'fast-check'
import { it } from 'vitest'
import { multivariantPlaylist } from '../../src/hls/text/multivariant-playlist.ts'
import { playlistOf, segmenter, stream } from '../support/cut.ts'

const whole = stream({ seconds: 3 })
const codecs = ['avc1', 'hvc1', 'av01', 'vp09', 'vp08', 'vvc1', 'mp4a', 'Opus', 'fLaC', 'ac-3', 'ec-3', '.mp3']

it.each(['fmp4', 'ts'] as const)('nothing that a publisher sends makes the cutting of %s fail', format => {
  const enhanced = fc
    .record({
      isVideo: fc.boolean(),
      frame: fc.constantFrom(1, 2),
      packet: fc.constantFrom(0, 0, 1, 1, 3),
      codec: fc.constantFrom(...codecs),
      body: fc.uint8Array({ maxLength: 48 }),
      timestamp: fc.nat(20_000),
    })
    .map(({ isVideo, frame, packet, codec, body, timestamp }) => ({
      ...(isVideo ? samples.keyframe(timestamp) : samples.audio(timestamp)),
      payload: Buffer.concat([
        Buffer.of(isVideo ? 0x80 | (frame << 4) | packet : 0x90 | (packet === 3 ? 1 : packet)),
        Buffer.from(codec),
        body,
      ]),
    }))
  const damaged = fc.record({ place: fc.nat(whole.length - 1), at: fc.nat(60), byte: fc.nat(255) }).map(given => {
    const message = whole[given.place]!
    const payload = Buffer.from(message.payload)
    if (payload.length > 0) payload[given.at % payload.length] = given.byte
    return { ...message, payload }
  })
  const sent = fc.array(
    fc.oneof(
      enhanced,
      damaged,
      fc.nat(whole.length - 1).map(place => whole[place]!),
    ),
    {
      minLength: 5,
      maxLength: 80,
    },
  )
  fc.assert(
    fc.property(sent, messages => {
      const cut = segmenter({ format })
      for (const message of messages) cut.take(message)
      cut.end()
      for (const rendition of cut.renditions) playlistOf(cut, rendition)
      multivariantPlaylist(cut.renditions, cut.properties, '')
    }),
    { numRuns: 400 },
  )
})
