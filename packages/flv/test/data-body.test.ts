import { describe, expect, test } from 'vitest'
import { FlvMuxer, mendedMetadata, metadataOf } from '../src/index.ts'
import { hex } from './support/hex.ts'

const setDataFrame = '02 000d 40736574446174614672616d65'
const onMetaData = '02 000a 6f6e4d65746144617461'
const width = '0005 7769647468 00 4094000000000000'
const array = `08 00000001 ${width} 000009`
const zero = '00 0000000000000000'
const proper = hex(onMetaData + array)

const bodyOf = (payload: Buffer) =>
  new FlvMuxer().tag({ messageTypeId: 18, messageStreamId: 0, timestamp: 0, payload }).subarray(11, -4)

describe('onMetaData is found', () => {
  test.each([
    ['alone', ''],
    ['behind @setDataFrame', setDataFrame],
    ['behind two of them', setDataFrame + setDataFrame],
    ['behind two numbers', zero + zero + setDataFrame],
    ['behind numbers without @setDataFrame', zero + zero],
    ['behind a number that begins like a string', `00 0200000000000000 ${setDataFrame}`],
    ['behind a zero byte', `00 ${setDataFrame}`],
    ['behind a zero byte and a number', `00 ${zero} ${setDataFrame}`],
    ['behind null', `${setDataFrame} 05`],
    ['behind text', `02 0001 78 ${setDataFrame}`],
    ['behind undefined and a boolean', `06 0101 ${setDataFrame}`],
  ])('%s', (_, ahead) => {
    const payload = hex(ahead + onMetaData + array)
    expect(bodyOf(payload)).toEqual(proper)
    expect(mendedMetadata(payload)).toEqual(proper)
    expect({ ...metadataOf(payload) }).toEqual({ width: 1280 })
  })
})

describe('what is no onMetaData stays', () => {
  const other = '02 0003 6f6e58'
  test.each([
    ['with another name', other, other],
    ['with onMetaData as a value', `${other} ${onMetaData}`, `${other} ${onMetaData}`],
    ['with onMetaData as a value behind null', `${other} 05 ${onMetaData}`, `${other} 05 ${onMetaData}`],
    ['with both as values', `${other} 05 ${onMetaData} ${setDataFrame}`, `${other} 05 ${onMetaData} ${setDataFrame}`],
    ['with text that is cut', '02 00', '02 00'],
    ['behind text that is cut off', '02 ffff 78', '02 ffff 78'],
    ['that is to clear it', `02 000f 40636c6561724461746146726d65`, `02 000f 40636c6561724461746146726d65`],
    ['behind @setDataFrame', setDataFrame + other, other],
    ['behind a format byte', `00 ${other}`, other],
    ['behind a format byte, its name in AMF3', '00 11 06 03 61', '11 06 03 61'],
    ['that is a number', '00 4094000000000000', '00 4094000000000000'],
    ['behind more numbers than anybody sends', zero.repeat(17) + onMetaData, zero.repeat(17) + onMetaData],
    ['that is empty', '', ''],
  ])('%s', (_, bytes, body) => {
    expect(bodyOf(hex(bytes))).toEqual(hex(body))
    expect(mendedMetadata(hex(bytes))).toBeUndefined()
    expect(metadataOf(hex(bytes))).toBeUndefined()
  })
})

describe('metadata is mended', () => {
  test.each([
    ['an ECMA array without its end', `08 00000001 ${width}`],
    ['an object without its end', `03 ${width}`],
    ['an end twice', `${array} 000009`],
    ['padding', `${array} 00`],
    ['a member that can not be read', `08 00000002 ${width} 0001 61 0e`],
  ])('%s', (_, bytes) => {
    const payload = hex(setDataFrame + onMetaData + bytes)
    expect(mendedMetadata(payload)).toEqual(proper)
    expect(bodyOf(payload)).toEqual(proper)
  })

  test.each([
    ['an object', `03 ${width} 000009`],
    ['values behind it', `${array} 05 05`],
    ['nothing', ''],
    ['null', '05'],
    ['what can not be read at all', '0e'],
  ])('but stays byte for byte with %s', (_, bytes) => {
    expect(mendedMetadata(hex(onMetaData + bytes))).toEqual(hex(onMetaData + bytes))
  })
})
