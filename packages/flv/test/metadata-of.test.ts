import { metadataOf } from '@rtmpipe/flv'
import { describe, expect, test } from 'vitest'
import { hex } from './support/hex.ts'

const setDataFrame = '02 000d 40736574446174614672616d65'
const onMetaData = '02 000a 6f6e4d65746144617461'
const width = '0005 7769647468 00 4094000000000000'
const object = `03 ${width} 000009`
const ecmaArray = `08 00000001 ${width} 000009`

test.each([
  ['an ECMA array', onMetaData + ecmaArray],
  ['an object', onMetaData + object],
  ['@setDataFrame before it', setDataFrame + onMetaData + ecmaArray],
  ['a format byte before it', `00${onMetaData}${ecmaArray}`],
  ['both before it', `00${setDataFrame}${onMetaData}${ecmaArray}`],
  ['values after it', `${onMetaData}${ecmaArray}05`],
  ['bytes after it that are no AMF', `${onMetaData}${ecmaArray}ffff`],
])('onMetaData with %s', (_, bytes) => {
  expect({ ...metadataOf(hex(bytes)) }).toEqual({ width: 1280 })
})

describe('there is no metadata in', () => {
  test.each([
    ['nothing', ''],
    ['another name', `02 000a 6f6e4375655074616161${ecmaArray}`],
    ['a number', `00 4094000000000000${ecmaArray}`],
    ['a name alone', onMetaData],
    ['@setDataFrame alone', setDataFrame],
    ['null', `${onMetaData}05`],
    ['a string', `${onMetaData}02 0001 61`],
    ['an array', `${onMetaData}0a 00000001 05`],
    ['a date', `${onMetaData}0b 4094000000000000 0000`],
    ['half an object', `${onMetaData}03 ${width}`],
    ['an unknown marker', `${onMetaData}7f`],
    ['objects nested deeper than the limit', `${onMetaData}${'03 0001 61'.repeat(33)} 05 ${'000009'.repeat(33)}`],
  ])('%s', (_, bytes) => {
    expect(metadataOf(hex(bytes))).toBeUndefined()
  })
})

test('keys do not reach a prototype', () => {
  const metadata = metadataOf(hex(`${onMetaData}03 0009 5f5f70726f746f5f5f 03 ${width} 000009 000009`))
  expect(Object.getPrototypeOf(metadata)).toBeNull()
  expect(metadata?.width).toBeUndefined()
})
