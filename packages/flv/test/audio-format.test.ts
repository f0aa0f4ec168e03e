import fc from 'fast-check'
import { expect, it } from 'vitest'
import { audioFormatOf } from '../src/audio-format.ts'

/** Worked out by hand from ISO/IEC 14496-3 §1.6.2.1 and RFC 7845 §5.1. */
it.each([
  ['mp4a', '1190', { sampleRate: 48_000, channels: 2 }],
  ['mp4a', '1208', { sampleRate: 44_100, channels: 1 }],
  ['mp4a', '1690', undefined],
  ['mp4a', '12', undefined],
  // The rate stands behind an index of 15: 12,345.
  ['mp4a', '1780181c90', { sampleRate: 12_345, channels: 2 }],
  ['Opus', '4f707573486561640101000000000000000000', { sampleRate: 48_000, channels: 1 }],
  ['Opus', '4f707573', undefined],
  ['fLaC', '664c6143', undefined],
])('%s %s', (codec, config, format) => {
  expect(audioFormatOf(codec, Buffer.from(config, 'hex'))).toEqual(format)
})

it('never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom('mp4a', 'Opus'), fc.uint8Array({ maxLength: 24 }), (codec, config) => {
      const format = audioFormatOf(codec, Buffer.from(config))
      if (format?.sampleRate !== undefined) expect(format.sampleRate).toBeGreaterThan(0)
    }),
  )
})
