import {
  AudioChannel,
  encodeMultichannelConfig,
  FlvError,
  type MultichannelConfig,
  parseMultichannelConfig,
} from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from './support/hex.ts'

describe.each<[string, string, MultichannelConfig]>([
  ['unspecified', '00 06', { order: 'unspecified', channelCount: 6 }],
  // Front left, right and center, low frequency, side left and right.
  ['native 5.1', '01 06 0000060f', { order: 'native', channelCount: 6, channelFlags: 0x60f }],
  ['native, all bits', '01 18 ffffffff', { order: 'native', channelCount: 24, channelFlags: 0xffff_ffff }],
  ['custom', '02 03 01 00 fe', { order: 'custom', channelMapping: [1, 0, AudioChannel.Unused] }],
  ['custom of 255 channels', `02 ff ${'ff'.repeat(255)}`, { order: 'custom', channelMapping: Array(255).fill(255) }],
  ['custom of none', '02 00', { order: 'custom', channelMapping: [] }],
])('%s', (_, bytes, config) => {
  test('is parsed', () => {
    expect(parseMultichannelConfig(hex(bytes))).toEqual(config)
  })

  test('is written', () => {
    expect(encodeMultichannelConfig(config)).toEqual(hex(bytes))
  })
})

test.each([
  ['nothing', ''],
  ['an order alone', '00'],
  ['an unknown order', '03 02'],
  ['unspecified with more', '00 02 00'],
  ['native without its flags', '01 02 000000'],
  ['native with more', '01 02 00000003 00'],
  ['custom that is too short', '02 03 0001'],
  ['custom that is too long', '02 01 0001'],
])('%s is no configuration', (_, bytes) => {
  expect(parseMultichannelConfig(hex(bytes))).toBeUndefined()
})

test.each<[string, MultichannelConfig]>([
  ['256 channels', { order: 'unspecified', channelCount: 256 }],
  ['-1 channels', { order: 'native', channelCount: -1, channelFlags: 0 }],
  ['flags of 33 bits', { order: 'native', channelCount: 2, channelFlags: 2 ** 32 }],
  ['a mapping of 256 channels', { order: 'custom', channelMapping: Array(256).fill(0) }],
  ['channel 256', { order: 'custom', channelMapping: [256] }],
])('there is no room for %s', (_, config) => {
  expect(() => encodeMultichannelConfig(config)).toThrow(FlvError)
})

test('whatever is parsed is written as the same bytes', () => {
  let parsed = 0
  const near = fc
    .tuple(fc.nat(3), fc.nat(4), fc.uint8Array({ maxLength: 5 }))
    .map(([a, b, rest]) => Buffer.of(a, b, ...rest))
  const property = fc.property(fc.oneof(fc.uint8Array({ maxLength: 8 }), near), data => {
    const config = parseMultichannelConfig(data)
    if (config === undefined) return
    parsed++
    expect(encodeMultichannelConfig(config).equals(data)).toBe(true)
  })
  fc.assert(property, { numRuns: 2000 })
  expect(parsed).toBeGreaterThan(50)
})

test('channels have the numbers of the specification', () => {
  expect([AudioChannel.LowFrequency1, AudioChannel.BackCenter, AudioChannel.TopBackCenter]).toEqual([3, 8, 16])
  expect([AudioChannel.LowFrequency2, AudioChannel.BottomFrontRight, AudioChannel.Unknown]).toEqual([18, 23, 255])
})
