import { EcmaArray } from '@rtmpipe/amf'
import { type ColorInfo, colorInfoOf, encodeColorInfo, encodeVideoMetadata, parseVideoMetadata } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from './support/hex.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const key = (name: string) => `${name.length.toString(16).padStart(4, '0')} ${ascii(name)}`
const colorInfo = `02 ${key('colorInfo')}`
const end = '000009'
// Doubles: 9, 16, 1000, 0.5
const [nine, sixteen, thousand, half] = ['4022000000000000', '4030000000000000', '408f400000000000', '3fe0000000000000']

const hdr10 = hex(`${colorInfo} 03
  ${key('colorConfig')} 03
    ${key('bitDepth')} 00 4024000000000000
    ${key('colorPrimaries')} 00 ${nine}
    ${key('transferCharacteristics')} 00 ${sixteen}
    ${key('matrixCoefficients')} 00 ${nine} ${end}
  ${key('hdrCll')} 03
    ${key('maxFall')} 00 ${half}
    ${key('maxCLL')} 00 ${thousand} ${end}
  ${key('hdrMdcv')} 03
    ${['redX', 'redY', 'greenX', 'greenY', 'blueX', 'blueY', 'whitePointX', 'whitePointY'].map(name => `${key(name)} 00 ${half}`).join(' ')}
    ${key('maxLuminance')} 00 ${thousand}
    ${key('minLuminance')} 00 ${half} ${end}
  ${end}`)

const hdr10Info: ColorInfo = {
  colorConfig: { bitDepth: 10, colorPrimaries: 9, transferCharacteristics: 16, matrixCoefficients: 9 },
  hdrCll: { maxFall: 0.5, maxCLL: 1000 },
  hdrMdcv: {
    redX: 0.5,
    redY: 0.5,
    greenX: 0.5,
    greenY: 0.5,
    blueX: 0.5,
    blueY: 0.5,
    whitePointX: 0.5,
    whitePointY: 0.5,
    maxLuminance: 1000,
    minLuminance: 0.5,
  },
}

test('all of a colorInfo is parsed', () => {
  expect(colorInfoOf(hdr10)).toEqual(hdr10Info)
})

test('all of a colorInfo is written', () => {
  expect(encodeColorInfo(hdr10Info)).toEqual(hdr10)
})

test.each<[string, string, ColorInfo]>([
  ['undefined, which resets it', `${colorInfo} 06`, {}],
  ['an empty object, which resets it', `${colorInfo} 03 ${end}`, {}],
  ['null', `${colorInfo} 05`, {}],
  [
    'ECMA arrays',
    `${colorInfo} 08 00000001 ${key('hdrCll')} 08 00000000 ${key('maxCLL')} 00 ${thousand} ${end} ${end}`,
    { hdrCll: { maxCLL: 1000 } },
  ],
  ['an empty part', `${colorInfo} 03 ${key('colorConfig')} 03 ${end} ${end}`, { colorConfig: {} }],
  ['a part that is no object', `${colorInfo} 03 ${key('hdrCll')} 00 ${nine} ${end}`, {}],
  [
    'values that are no numbers',
    `${colorInfo} 03 ${key('hdrCll')} 03 ${key('maxCLL')} 05 ${key('maxFall')} 00 7ff8000000000000 ${end} ${end}`,
    { hdrCll: {} },
  ],
  [
    'unknown properties',
    `${colorInfo} 03 ${key('hdrXyz')} 03 ${end} ${key('hdrCll')} 03 ${key('avg')} 00 ${nine} ${key('maxCLL')} 00 ${nine} ${end} ${end}`,
    { hdrCll: { maxCLL: 9 } },
  ],
  [
    'AMF3',
    // A dynamic object without a class name; the one inside has the same traits, and its number is an integer.
    `${colorInfo} 11 0a 0b 01 0d ${ascii('hdrCll')} 0a 01 0d ${ascii('maxCLL')} 04 09 01 01`,
    { hdrCll: { maxCLL: 9 } },
  ],
  ['other names around it', `02 0001 61 05 ${colorInfo} 03 ${end} 02 0001 62 05`, {}],
  ['another before it', `${colorInfo} 06 ${colorInfo} 03 ${key('hdrCll')} 03 ${end} ${end}`, { hdrCll: {} }],
])('colorInfo of %s', (_, bytes, info) => {
  expect(colorInfoOf(hex(bytes))).toStrictEqual(info)
})

test('an empty colorInfo is written as undefined', () => {
  expect(encodeColorInfo({})).toEqual(hex(`${colorInfo} 06`))
})

describe('there is no colorInfo in', () => {
  test.each([
    ['nothing', ''],
    ['another name', `02 0001 61 05`],
    ['a name without a value', colorInfo],
    ['a value that is the name', `02 0001 61 ${colorInfo}`],
    ['a name that is no string', `00 ${nine} 05 ${colorInfo} 06`],
    ['a number', `${colorInfo} 00 ${nine}`],
    ['half an object', `${colorInfo} 03 ${key('hdrCll')}`],
    ['objects nested deeper than the limit', `${colorInfo}${'03 0001 61'.repeat(33)} 05 ${end.repeat(33)}`],
  ])('%s', (_, bytes) => {
    expect(colorInfoOf(hex(bytes))).toBeUndefined()
  })
})

test('keys do not reach a prototype', () => {
  const polluted = `03 ${key('polluted')} 00 ${nine} ${key('maxCLL')} 00 ${nine} ${end}`
  const evil = ['__proto__', 'constructor', 'prototype', 'hdrCll'].map(name => `${key(name)} ${polluted}`).join('')
  const info = colorInfoOf(hex(`${colorInfo} 03 ${evil} ${end} 02 ${key('__proto__')} ${polluted}`))
  expect(info).toStrictEqual({ hdrCll: { maxCLL: 9 } })
  expect(encodeColorInfo(info!)).toEqual(
    hex(`${colorInfo} 03 ${key('hdrCll')} 03 ${key('maxCLL')} 00 ${nine} ${end} ${end}`),
  )
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('what is inherited is not read', () => {
  const inherited = Object.create({ maxCLL: 1 }) as Record<string, number>
  expect(encodeColorInfo({ hdrCll: inherited })).toEqual(hex(`${colorInfo} 03 ${key('hdrCll')} 03 ${end} ${end}`))
})

test('entries are parsed and written', () => {
  const data = hex(`02 0001 61 05 ${colorInfo} 08 00000001 0001 62 01 01 ${end}`)
  const entries = parseVideoMetadata(data)
  expect(entries?.map(([name]) => name)).toEqual(['a', 'colorInfo'])
  expect(entries![1]![1]).toBeInstanceOf(EcmaArray)
  expect(encodeVideoMetadata(entries!)).toEqual(data)
  expect(parseVideoMetadata(hex(''))).toEqual([])
})

test('whatever the bytes, there are entries or none', () => {
  const noise = fc.uint8Array({ maxLength: 40 })
  const near = fc.tuple(fc.nat(hdr10.length), noise).map(([at, bytes]) => Buffer.concat([hdr10.subarray(0, at), bytes]))
  fc.assert(
    fc.property(fc.oneof(noise, near), data => {
      expect(parseVideoMetadata(data) === undefined || Array.isArray(parseVideoMetadata(data))).toBe(true)
      colorInfoOf(data)
    }),
    { numRuns: 1000 },
  )
})

test('whatever the colorInfo, it is read as it was written', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  const info = fc.record(
    {
      colorConfig: fc.record({ bitDepth: number, colorPrimaries: number }, { requiredKeys: [] }),
      hdrCll: fc.record({ maxFall: number, maxCLL: number }, { requiredKeys: [] }),
      hdrMdcv: fc.record({ redX: number, minLuminance: number }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(info, each => {
      expect(colorInfoOf(encodeColorInfo(each))).toEqual(each)
    }),
  )
})
