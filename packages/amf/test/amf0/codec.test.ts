import { describe, expect, test } from 'vitest'
import { decodeAmf0, encodeAmf0 } from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'
import { cases, readOnlyCases } from './cases.ts'

describe.each(cases)('$name', ({ bytes, value }) => {
  test('is read', () => expect(decodeAmf0(bytes)).toStrictEqual([value]))

  test('is written', () => expect(encodeAmf0(value).equals(bytes)).toBe(true))

  test('is read among others', () => {
    const around = Buffer.concat([hex('05'), bytes, hex('01 01')])
    expect(decodeAmf0(around)).toStrictEqual([null, value, true])
  })

  test('cut short anywhere is an error', () => {
    const step = Math.ceil(bytes.length / 200)
    for (let length = 1; length < bytes.length; length += step) {
      expect(codeOf(() => decodeAmf0(bytes.subarray(0, length)))).toBe('RTMP_ERR_AMF_TRUNCATED')
    }
  })
})

test.each(readOnlyCases)('read only: $name', ({ bytes, value }) => expect(decodeAmf0(bytes)).toStrictEqual([value]))

test('no bytes are no values', () => {
  expect(decodeAmf0(Buffer.alloc(0))).toEqual([])
  expect(encodeAmf0()).toHaveLength(0)
})

test('several values', () => {
  const bytes = hex('02 0007 5f726573756c74 00 4000000000000000 05 00 3ff0000000000000')
  expect(decodeAmf0(bytes)).toEqual(['_result', 2, null, 1])
  expect(encodeAmf0('_result', 2, null, 1)).toEqual(bytes)
})

test('a string without an encoding in UTF-8 is written as U+FFFD', () => {
  expect(encodeAmf0('a\ud800b')).toEqual(hex('02 0005 61 efbfbd 62'))
})

test('the holes of an array are undefined', () => {
  const holes: boolean[] = []
  holes[1] = true
  expect(encodeAmf0(holes)).toEqual(hex('0a 00000002 06 0101'))
})

test('inherited members are not written', () => {
  const object = Object.create({ b: true }) as { a: boolean }
  object.a = true
  // Its prototype is not that of object literals.
  expect(codeOf(() => encodeAmf0(object))).toBe('RTMP_ERR_AMF_VALUE')
  const bareChild = Object.create(Object.assign(Object.create(null), { b: true })) as { a: boolean }
  bareChild.a = true
  expect(encodeAmf0(bareChild)).toEqual(hex('03 0001 61 0101 0000 09'))
})

test('members are written in the order of JavaScript: keys that are indices first', () => {
  const [object] = decodeAmf0(hex('03 0001 61 05 0001 31 05 0001 30 05 0000 09'))
  expect(encodeAmf0(object)).toEqual(hex('03 0001 30 05 0001 31 05 0001 61 05 0000 09'))
})

test('values keep their type in arrays and spreads', () => {
  const [value] = decodeAmf0(hex('0d'))
  const collected = [value]
  // The compiler's business as much as ours: nothing in AmfValue may widen.
  expect(encodeAmf0(...collected, collected)).toEqual(hex('0d 0a 00000001 0d'))
})
