import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pictureSizeOf } from '../src/picture-size-of.ts'
import { bits, golomb, numbers } from './support/bits.ts'

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

it('is not known of other codecs, nor where nothing says it', () => {
  expect(pictureSizeOf('h263', Buffer.from('81000c00', 'hex'), Buffer.from('81000c00', 'hex'))).toBeUndefined()
  expect(pictureSizeOf('av01', Buffer.from('81000c00', 'hex'))).toBeUndefined()
  expect(pictureSizeOf('vp09', Buffer.from('01000000000b820202020000', 'hex'))).toBeUndefined()
})

/** A configuration with this sequence parameter set; its first three arrays of sets are what encoders have, or nothing. */
function vvcConfig(set: string, record = 'ff001110 01 0203 80 00 0140 00b6 0000'): string {
  const length = (set.length / 2).toString(16).padStart(4, '0')
  return `${record.replaceAll(' ', '')}028d0004000000000f0001${length}${set}`
}

// Set and video set, two layers more, 4:2:0; CTUs of 64; with levels: profile 1, level 51, no constraints, one layer
// with a level of its own, one subprofile.
const vvcHead = ['0000', '0000', '010', '01', '01', '1', '0000001', '0', '00110011', '00', '0'].join('')
const vvcLevels = ['00000', '10', '000000', '00110010', '00000001', '0'.repeat(32)].join('')

describe('of VVC', () => {
  it.each([
    ['without cropping', `0079${bits(vvcHead, vvcLevels, '0', '0', numbers(320, 184), '0')}`, '320x184'],
    [
      'with cropping',
      `0079${bits(vvcHead, vvcLevels, '0', '1', '0', numbers(320, 184), '1', numbers(1, 2, 0, 1), '0')}`,
      '314x182',
    ],
  ])('%s', (_, set, size) => {
    const found = pictureSizeOf('vvc1', Buffer.from(vvcConfig(set), 'hex'))
    expect(`${found?.width}x${found?.height}`).toBe(size)
    // A record need not have profile, tier and level; with three layers it says which have levels.
    for (const record of ['fe', 'ff003110 01 0203 80 80 33 01 00000000 0140 00b6 0000']) {
      expect(pictureSizeOf('vvc1', Buffer.from(vvcConfig(set, record), 'hex'))).toEqual(found)
    }
  })

  it('with constraints, and with 4:4:4', () => {
    const head = [
      '0000',
      '0000',
      '000',
      '11',
      '01',
      '1',
      '0000001',
      '0',
      '00110011',
      '00',
      '1',
      '0'.repeat(71),
      '00000011',
      '111',
    ]
    const used = head.join('').length
    const set = bits(
      ...head,
      '0'.repeat((8 - (used % 8)) % 8),
      '00000000',
      '0',
      '0',
      numbers(320, 184),
      '1',
      numbers(0, 3, 0, 1),
    )
    expect(pictureSizeOf('vvc1', Buffer.from(vvcConfig(`0079${set}`), 'hex'))).toEqual({ width: 317, height: 183 })
  })
})

/** As libaom, SVT-AV1 and libvpx wrote them. */
it.each([
  ['av01', '322x182', '812040000a0a200000043d06d4daf942', undefined],
  ['av01', '322x182', '81000c000a0b000000043d06d402f80040', undefined],
  ['av01', '64x64', '81000c000a0a00000002afff805f0008', undefined],
  ['vp09', '322x182', undefined, '824983420014100b560438241c184a00'],
  ['vp09', '322x182', undefined, 'a2498342000282016ac0870483830940'],
  ['vp09', '322x182', undefined, 'b124c1a10200a0805ab011c120e0c2c0'],
  ['vp08', '322x182', undefined, 'f067009d012a4201b600000708858588'],
])('%s of %s', (codec, size, config, keyframe) => {
  const [header, frame] = [config, keyframe].map(text => (text === undefined ? undefined : Buffer.from(text, 'hex')))
  const found = pictureSizeOf(codec, header, frame)
  expect(`${found?.width}x${found?.height}`).toBe(size)
})

it('of pictures that are no keyframes is not known', () => {
  expect(pictureSizeOf('vp09', undefined, Buffer.from('a60040929c00494000067342', 'hex'))).toBeUndefined()
  expect(pictureSizeOf('vp08', undefined, Buffer.from('f167009d012a4201b6000007', 'hex'))).toBeUndefined()
})

describe('the shape of pixels', () => {
  /** Baseline, level 1.3; 20 by 12 macroblocks; usability information with this shape. */
  const avc = (shape: string): Buffer => {
    const set = `6742c00d${bits(numbers(0, 0, 2, 1), '0', numbers(19, 11), '1', '0', '0', '1', shape, '0')}`
    return Buffer.from(`0142c00dffe1${(set.length / 2).toString(16).padStart(4, '0')}${set}00`, 'hex')
  }

  it.each([
    ['square, by number', `1${'00000001'}`, undefined],
    ['16:11, by number', `1${'00000100'}`, [16, 11]],
    ['of a number that does not exist', `1${'01000000'}`, undefined],
    ['64:45, in words', `1${'11111111'}${'0000000001000000'}${'0000000000101101'}`, [64, 45]],
    ['of no size', `1${'11111111'}${'0'.repeat(32)}`, undefined],
    ['not said', '0', undefined],
  ])('of AVC is %s', (_, shape, pixelAspect) => {
    expect(pictureSizeOf('avc1', avc(shape))).toEqual({ width: 320, height: 192, ...(pixelAspect && { pixelAspect }) })
  })

  /** A configuration with nothing but a sequence parameter set. */
  const hevc = (set: string): Buffer =>
    Buffer.from(`${'00'.repeat(22)}01a10001${(set.length / 2).toString(16).padStart(4, '0')}${set}`, 'hex')
  // Video set, one layer, nested; profile, tier and level; set, 4:2:0, 320x180, nothing cropped, 8 bits each.
  const before = ['0000', '000', '1', '0'.repeat(96), numbers(0, 1, 320, 180), '0', numbers(0, 0)]
  const shape = ['1', '1', '00000100']
  // One has numbers of its own, the others are copies.
  const scalingLists = Array.from({ length: 20 }, (_, list) =>
    list === 12 ? `1${golomb(5)}${numbers(...Array(64).fill(2))}` : `0${golomb(0)}`,
  )

  it.each([
    // Default scaling lists.
    ['as x265 wrote it', '42010101600000030090000003000003003ca00a080b9f796566924e578234040000030004000003006420'],
    [
      'behind scaling lists, PCM, sets of reference pictures and long-term ones',
      `4201${bits(
        ...before,
        numbers(4),
        '1',
        numbers(1, 1, 1),
        numbers(0, 3, 0, 3, 1, 1),
        '11',
        ...scalingLists,
        // PCM.
        '001',
        '01110111',
        numbers(0, 1),
        '0',
        // Two sets: of a picture before and one after; then one that says of three whether they stay.
        numbers(2),
        numbers(1, 1, 0),
        '1',
        golomb(0),
        '1',
        '10',
        golomb(0),
        '1',
        '01',
        '00',
        // Long-term ones.
        '1',
        golomb(2),
        '000000011',
        '000000100',
        '00',
        ...shape,
      )}`,
    ],
  ])('of HEVC is found %s', (_, set) => {
    expect(pictureSizeOf('hvc1', hevc(set))).toEqual({ width: 320, height: 180, pixelAspect: [16, 11] })
  })

  it('of HEVC that is broken leaves the size', () => {
    const set = `4201${bits(...before, numbers(4), '1', numbers(1, 1, 1), numbers(0, 3, 0, 3, 1, 1), '0', '00', '0', golomb(65))}`
    expect(pictureSizeOf('hvc1', hevc(set))).toEqual({ width: 320, height: 180 })
  })
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
    fc.property(fc.constantFrom('avc1', 'hvc1', 'vvc1', 'av01', 'vp08', 'vp09'), bytes, (codec, config) => {
      const found = pictureSizeOf(codec, Buffer.from(config), Buffer.from(config))
      return found === undefined || (Number.isInteger(found.width) && Number.isInteger(found.height))
    }),
  )
})
