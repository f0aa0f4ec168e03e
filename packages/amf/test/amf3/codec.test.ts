import { describe, expect, test } from 'vitest'
import { AvmPlus, decodeAmf0, decodeAmf3, EcmaArray, encodeAmf0, encodeAmf3, TypedObject } from '../../src/index.ts'
import { bare, codeOf, hex } from '../support.ts'
import { cases, readOnlyCases } from './cases.ts'

describe.each(cases)('$name', ({ bytes, value }) => {
  test('is read', () => expect(decodeAmf3(bytes)).toStrictEqual([value]))

  test('is written', () => expect(encodeAmf3(value)).toEqual(bytes))

  test('is read among others', () => {
    const around = Buffer.concat([hex('01'), bytes, hex('04 05')])
    expect(decodeAmf3(around)).toStrictEqual([null, value, 5])
  })

  test('is read and written inside AMF0', () => {
    const around = Buffer.concat([hex('05 11'), bytes, hex('01 01')])
    expect(decodeAmf0(around)).toStrictEqual([null, value, true])
    expect(encodeAmf0(null, new AvmPlus(value), true)).toEqual(around)
  })

  test('cut short anywhere is an error', () => {
    const step = Math.ceil(bytes.length / 200)
    for (let length = 1; length < bytes.length; length += step) {
      expect(codeOf(() => decodeAmf3(bytes.subarray(0, length)))).toBe('RTMP_ERR_AMF_TRUNCATED')
    }
  })
})

test.each(readOnlyCases)('read only: $name', ({ bytes, value }) => expect(decodeAmf3(bytes)).toStrictEqual([value]))

test('no bytes are no values', () => {
  expect(decodeAmf3(Buffer.alloc(0))).toEqual([])
  expect(encodeAmf3()).toHaveLength(0)
})

test('a string without an encoding in UTF-8 is written as U+FFFD', () => {
  expect(encodeAmf3('a\ud800b')).toEqual(hex('06 0b 61 efbfbd 62'))
})

test('the holes of an array are undefined', () => {
  const holes: boolean[] = []
  holes[1] = true
  expect(encodeAmf3(holes)).toEqual(hex('09 05 01 00 03'))
})

test('a Buffer is a byte array, and a slice only its part', () => {
  expect(encodeAmf3(Buffer.from('abc').subarray(1))).toEqual(hex('0c 05 6263'))
})

test('byte arrays keep nothing of the bytes', () => {
  const bytes = hex('0c 05 0102')
  const values = decodeAmf3(bytes)
  bytes.fill(0xff)
  expect(values).toEqual([Uint8Array.of(1, 2)])
})

test('what AMF3 does not tell apart', () => {
  expect(encodeAmf3(new EcmaArray({}))).toEqual(encodeAmf3([]))
  expect(encodeAmf3(new TypedObject('', { a: 1 }))).toEqual(encodeAmf3({ a: 1 }))
  expect(encodeAmf3(new AvmPlus([new AvmPlus(1)]))).toEqual(encodeAmf3([1]))
})

test('a declared member that is not there is undefined, never an inherited one', () => {
  const names = ['toString', '__proto__', 'x']
  const bytes = hex('0a 3b 03 43 11 746f537472696e67 13 5f5f70726f746f5f5f 03 78 00 00 04 01 01')
  expect(encodeAmf3(new TypedObject('C', { x: 1 }, names))).toEqual(bytes)
  expect(decodeAmf3(bytes)).toStrictEqual([new TypedObject('C', bare({ toString: undefined, x: 1 }), names)])
})

test('the dense portion of an array is members in AMF0', () => {
  expect(encodeAmf0(new EcmaArray({ a: null }, [true, false]))).toEqual(
    hex('08 00000003 0001 30 0101 0001 31 0100 0001 61 05 0000 09'),
  )
})
