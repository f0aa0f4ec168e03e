import { expect, test } from 'vitest'
import { Amf0Writer, type AmfValue, decodeAmf0, EcmaArray, encodeAmf0, TypedObject } from '../../src/index.ts'
import { codeOf } from '../support.ts'

test('grows wherever in a value the memory ends', () => {
  const tail: AmfValue[] = [1.5, true, 'text', { key: [null] }, new Date(5), new EcmaArray({ ü: 'é' }), 'l'.repeat(300)]
  const tailBytes = Buffer.concat(tail.map(value => encodeAmf0(value)))
  for (let length = 380; length < 530; length++) {
    const head = 'h'.repeat(length)
    const bytes = encodeAmf0(head, ...tail)
    expect(bytes.equals(Buffer.concat([encodeAmf0(head), tailBytes]))).toBe(true)
  }
})

test('grows more than twofold at once', () => {
  const text = 'x'.repeat(100_000)
  expect(decodeAmf0(encodeAmf0(1, text, 2))).toEqual([1, text, 2])
})

test('says how many bytes it has written', () => {
  const writer = new Amf0Writer()
  expect(writer.position).toBe(0)
  writer.write('duration')
  expect(writer.position).toBe(11)
  writer.write(0)
  expect(writer.position).toBe(20)
  expect(writer.finish()).toHaveLength(20)
})

test('results do not share memory', () => {
  const first = encodeAmf0('first')
  const before = Buffer.from(first)
  encodeAmf0('second').fill(0xff)
  expect(first).toEqual(before)
})

test.each([
  ['a function', () => 1],
  ['a bigint', 1n],
  ['a symbol', Symbol('other')],
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['a Buffer', Buffer.from('a')],
  ['an ArrayBuffer', new ArrayBuffer(1)],
  ['an Error', new Error('no')],
  [
    'an instance of a class',
    new (class Point {
      x = 1
    })(),
  ],
])('refuses %s, wherever it is', (_name, value) => {
  // As a caller without types would.
  const wrong = value as unknown as AmfValue
  expect(codeOf(() => encodeAmf0(wrong))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf0([wrong]))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf0({ a: wrong }))).toBe('RTMP_ERR_AMF_VALUE')
})

test('refuses a Map as the members of an ECMA array or typed object', () => {
  const members = new Map() as unknown as { [key: string]: AmfValue }
  expect(codeOf(() => encodeAmf0(new EcmaArray(members)))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf0(new TypedObject('C', members)))).toBe('RTMP_ERR_AMF_VALUE')
})

test('keys and class names end at 65,535 bytes', () => {
  const longest = 'k'.repeat(65_535)
  expect(decodeAmf0(encodeAmf0({ [longest]: 1 }))).toEqual([{ [longest]: 1 }])
  expect(codeOf(() => encodeAmf0({ [`${longest}k`]: 1 }))).toBe('RTMP_ERR_AMF_KEY_LENGTH')
  expect(codeOf(() => encodeAmf0({ ['€'.repeat(21_846)]: 1 }))).toBe('RTMP_ERR_AMF_KEY_LENGTH')
  expect(codeOf(() => encodeAmf0(new TypedObject(`${longest}k`, {})))).toBe('RTMP_ERR_AMF_KEY_LENGTH')
})

test('an own __proto__ key is written, and dropped by the reader', () => {
  const object = JSON.parse('{"__proto__": 1, "a": 2}') as { a: number }
  const [decoded] = decodeAmf0(encodeAmf0(object))
  expect(Object.keys(decoded as object)).toEqual(['a'])
})
