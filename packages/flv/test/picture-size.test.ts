import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pictureSizeOf } from '../src/picture-size.ts'

/** Configurations as x264 and x265 wrote them for pictures of known sizes. */
const known: readonly (readonly [codec: string, size: string, config: string])[] = [
  [
    'avc1',
    '1920x1080',
    '01640028ffe1001b67640028acd940780227e5c044000003000400000300c83c60c65801000668ebe3cb22c0fdf8f800',
  ],
  ['avc1', '322x182', '0142c00dffe100186742c00dd901519e226c0440000003004000000c83c50a9201000568cb83cb20'],
  ['avc1', '720x484', '0164001effe1001a6764001eacd940b420fc460220000003002000000643e28532c001000668fba3cb22c0fdf8f800'],
  [
    'avc1',
    '426x242',
    '017a0015ffe1001b677a0015bcd941b087923f011000000300100000030320f162d96001000668ebe3cb22c0fef8f800',
  ],
  ['avc1', '320x182', '01f4000cffe1001967f4000c919b282833f17808800000030080000019078a14cb01000668ebe3c44844fff8f800'],
  [
    'avc1',
    '320x180',
    '0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000768ebe3cb3002c0fdf8f800',
  ],
  [
    'hvc1',
    '1920x1080',
    '01016000000090000000000078f000fcfdf8f800000f03200001001840010c01ffff016000000300900000030000030078959809210001002a420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c8422000100074401c172b46240',
  ],
  [
    'hvc1',
    '322x182',
    '0102200000009000000000003cf000fcfdfafa00000f03200001001840010c01ffff02200000030090000003000003003c959809210001002c42010102200000030090000003000003003ca00a480b9c94d96566924caf016808000003000800000300c84022000100074401c172b46240',
  ],
  [
    'hvc1',
    '320x182',
    '0104080000009e08000000003cf000fcfff8f800000f03200001001740010c01ffff0408000003009e0800000300003c959809210001002a4201010408000003009e0800000300003c9001410173ef2cacd24995e02d01000003000100000300190822000100084401c172860c4624',
  ],
]

it.each(known)('%s of %s', (codec, size, config) => {
  const found = pictureSizeOf(codec, Buffer.from(config, 'hex'))
  expect(`${found?.width}x${found?.height}`).toBe(size)
})

it('is not known of other codecs', () => {
  expect(pictureSizeOf('av01', Buffer.from('81000c00', 'hex'))).toBeUndefined()
})

it('of broken configurations is undefined or a number, and never long in coming', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 6 }))
      .map(([[, , config], changes]) => {
        const broken = Buffer.from(config, 'hex')
        for (const [at, byte] of changes) if (at < broken.length) broken[at] = byte
        return broken
      }),
  )
  fc.assert(
    fc.property(fc.constantFrom('avc1', 'hvc1'), bytes, (codec, config) => {
      const found = pictureSizeOf(codec, Buffer.from(config))
      return found === undefined || (Number.isInteger(found.width) && Number.isInteger(found.height))
    }),
  )
})
