import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VideoCodec } from '../src/codec.ts'
import { decoderConfigOf, pictureSizeOf } from '../src/index.ts'
import { bits, numbers } from './support/bits.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
/** A NAL unit behind its length. */
const unit = (text: string, lengthSize = 4): string =>
  (text.length / 2).toString(16).padStart(lengthSize * 2, '0') + text

/** As x264, x265, libaom and libvpx wrote them. */
const avc = {
  header: '01640028ffe1001b67640028acd940780227e5c044000003000400000300c83c60c65801000668ebe3cb22c0fdf8f800',
  sets: ['67640028acd940780227e5c044000003000400000300c83c60c658', '68ebe3cb22c0'],
  other: {
    header: '0142c00dffe100186742c00dd901519e226c0440000003004000000c83c50a9201000568cb83cb20',
    sets: ['6742c00dd901519e226c0440000003004000000c83c50a92', '68cb83cb20'],
  },
}
const hevc = {
  header:
    '01016000000090000000000078f000fcfdf8f800000f03200001001840010c01ffff016000000300900000030000030078959809210001002a420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c8422000100074401c172b46240',
  sets: [
    '40010c01ffff02200000030090000003000003003c959809',
    '42010102200000030090000003000003003ca00a480b9c94d96566924caf016808000003000800000300c840',
    '4401c172b46240',
  ],
}
const slice = '658884'

function configOf(codec: VideoCodec, header: string | undefined, keyframe: string): string | undefined {
  return decoderConfigOf(codec, header === undefined ? undefined : hex(header), hex(keyframe))?.toString('hex')
}

describe('of AVC', () => {
  const { header, sets, other } = avc
  const units = (list: readonly string[]): string => list.map(one => unit(one)).join('')

  it('is the header, where a keyframe has the same sets, others of pictures, or none', () => {
    expect(configOf('avc1', header, unit(slice))).toBe(header)
    expect(configOf('avc1', header, units([...sets, slice]))).toBe(header)
    expect(configOf('avc1', header, units(['68cb83cb20', slice]))).toBe(header)
  })

  it('is made of the sets in a keyframe, if they are others, or there is no header', () => {
    expect(configOf('avc1', header, units([...other.sets, slice]))).toBe(other.header)
    // Of high profiles it tells colors again.
    expect(configOf('avc1', other.header, units([...sets, slice]))).toBe(header)
    expect(configOf('avc1', undefined, units([...sets, slice]))).toBe(header)
    expect(configOf('avc1', undefined, unit(slice))).toBeUndefined()
  })

  it('goes by the length that the header has for units', () => {
    const short = header.replace(/^01640028ff/, '01640028fd')
    const keyframe = [...other.sets, slice].map(one => unit(one, 2)).join('')
    expect(configOf('avc1', short, keyframe)).toBe(other.header.replace(/^0142c00dff/, '0142c00dfd'))
  })

  it('is the header, where a keyframe is no such thing', () => {
    for (const broken of ['', '00', 'ffffffff', '0000000167', unit('6742'), `${unit('6742c00d')}00`, '00'.repeat(40)]) {
      expect(configOf('avc1', header, broken)).toBe(header)
    }
    expect(configOf('avc1', '01', unit(sets[0] ?? ''))).toBe('01')
  })
})

describe('of HEVC', () => {
  const keyframe = [...hevc.sets, '2601af'].map(one => unit(one)).join('')

  it('is the header, or made of the sets in a keyframe', () => {
    expect(configOf('hvc1', hevc.header, unit('2601af'))).toBe(hevc.header)
    const found = configOf('hvc1', hevc.header, keyframe) ?? ''
    expect(pictureSizeOf('hvc1', hex(found))).toEqual({ width: 322, height: 182 })
    // Main 10, as x265 has it in the header that belongs to these sets.
    expect(found.slice(0, 46)).toBe('0102200000009000000000003cf000fcfdfafa00000f03')
    expect(configOf('hvc1', undefined, keyframe)).toBe(found)
    // The same again is no other one.
    expect(configOf('hvc1', found, keyframe)).toBe(found)
  })
})

describe('of AV1', () => {
  const sequence = '0a0a200000043d06d4daf942'

  it('is the header, or made of the sequence header in a keyframe', () => {
    // Ten bits of 4:4:4.
    const header = `81204000${sequence}`
    expect(configOf('av01', header, `1200${sequence}32021000`)).toBe(header)
    expect(configOf('av01', header, '32021000')).toBe(header)
    for (const other of [undefined, '81000c00', '81000c000a0b000000043d06d402f80040']) {
      expect(configOf('av01', other, `1200${sequence}32021000`)).toBe(header)
    }
    // Eight bits of 4:2:0; a unit without a size is the last.
    expect(configOf('av01', header, '08000000043d06d402f80040')).toBe('81000c000a0b000000043d06d402f80040')
    expect(configOf('av01', header, '0aff')).toBe(header)
  })
})

describe('of VP9 and VP8', () => {
  it.each([
    ['vp09', '824983420014100b560438241c184a00', '0000820202020000'],
    ['vp09', 'a2498342000282016ac0870483830940', '0100860202020000'],
    ['vp09', 'b124c1a10200a0805ab011c120e0c2c0', '0300a40202020000'],
    ['vp08', 'f067009d012a4201b600000708858588', '0000820202020000'],
  ] as const)('is what %s says at the beginning of a keyframe, without a header', (codec, keyframe, config) => {
    expect(configOf(codec, undefined, keyframe)).toBe(config)
    expect(configOf(codec, '01000000000b820202020000', keyframe)).toBe('01000000000b820202020000')
    expect(configOf(codec, undefined, 'a60040929c00494000067342')).toBeUndefined()
  })
})

describe('of VVC', () => {
  /** One layer, 4:2:0, nothing of profile, tier and level, and nothing cropped. */
  const set = (width: number): string =>
    `0079${bits('0'.repeat(8), '000', '01', '01', '0', '0', '0', numbers(width, 184), '0', '1')}`
  const record = (sequence: string): string =>
    `fe038e0001${unit('00710a', 2)}8f0001${unit(sequence, 2)}900001${unit('00810b', 2)}`
  const [one, two] = [set(320), set(176)]

  it('is the header with the sets of a keyframe in their place', () => {
    expect(configOf('vvc1', record(one), unit('0041ff'))).toBe(record(one))
    const keyframe = ['00710a', two, '00810b', '0041ff'].map(it => unit(it)).join('')
    expect(configOf('vvc1', record(one), keyframe)).toBe(record(two))
    // Without a header there is none: nothing tells profile, tier and level.
    expect(configOf('vvc1', undefined, keyframe)).toBeUndefined()
  })
})

it('of other codecs is the header', () => {
  expect(configOf('h263', '0102', 'ff')).toBe('0102')
  expect(configOf('h263', undefined, 'ff')).toBeUndefined()
})

it('of broken headers and keyframes is one or none, and never long in coming', () => {
  const known = [avc.header, hevc.header, 'fe038e0001000300710a', '81204000' + '0a0a200000043d06d4daf942', unit(slice)]
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(one => Buffer.from(one)),
    fc
      .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 6 }))
      .map(([text, changes]) => {
        const broken = hex(text)
        for (const [at, byte] of changes) if (at < broken.length) broken[at] = byte
        return broken
      }),
  )
  const codecs = fc.constantFrom<VideoCodec>('avc1', 'hvc1', 'vvc1', 'av01', 'vp08', 'vp09')
  const property = fc.property(codecs, fc.option(bytes, { nil: undefined }), bytes, (codec, header, keyframe) => {
    const found = decoderConfigOf(codec, header, keyframe)
    return found === undefined || Buffer.isBuffer(found)
  })
  fc.assert(property, { numRuns: 1_000 })
})
