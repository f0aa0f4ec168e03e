import { expect, test } from 'vitest'
import {
  Amf3Writer,
  type AmfValue,
  Dictionary,
  EcmaArray,
  encodeAmf3,
  NumberVector,
  TypedObject,
  Unsupported,
} from '../../src/index.ts'
import { codeOf } from '../support.ts'

test('grows wherever in a value the memory ends', () => {
  const tail: AmfValue[] = [
    70_000,
    0.5,
    'text',
    { key: [null] },
    new Date(5),
    new Uint8Array(40),
    Int32Array.of(1, 2),
    new NumberVector(Float64Array.of(1)),
    new Dictionary([['ü', 'l'.repeat(300)]]),
  ]
  const tailBytes = encodeAmf3(...tail)
  for (let length = 360; length < 530; length++) {
    const head = Array.from({ length }, () => null)
    expect(encodeAmf3(...head, ...tail).equals(Buffer.concat([Buffer.alloc(length, 1), tailBytes]))).toBe(true)
  }
})

test('says how many bytes it has written', () => {
  const writer = new Amf3Writer()
  expect(writer.position).toBe(0)
  writer.write('duration')
  expect(writer.position).toBe(10)
  writer.write('duration')
  expect(writer.position).toBe(12)
  expect(writer.finish()).toHaveLength(12)
})

test.each([
  ['a function', () => 1],
  ['a bigint', 1n],
  ['a symbol', Symbol('other')],
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['an ArrayBuffer', new ArrayBuffer(1)],
  ['a view of other numbers', new Float32Array(1)],
  ['clamped bytes', new Uint8ClampedArray(1)],
  ['an Error', new Error('no')],
  ['unsupported', new Unsupported()],
  [
    'an instance of a class',
    new (class Point {
      x = 1
    })(),
  ],
])('refuses %s, wherever it is', (_name, value) => {
  // As a caller without types would.
  const wrong = value as unknown as AmfValue
  expect(codeOf(() => encodeAmf3(wrong))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf3([wrong]))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf3({ a: wrong }))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf3(new Dictionary([[wrong, null]])))).toBe('RTMP_ERR_AMF_VALUE')
})

test('refuses a Map as the members of an array or typed object', () => {
  const members = new Map() as unknown as { [key: string]: AmfValue }
  expect(codeOf(() => encodeAmf3(new EcmaArray(members)))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf3(new TypedObject('C', members)))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf3(new TypedObject('C', members, [])))).toBe('RTMP_ERR_AMF_VALUE')
})

test('refuses an array with an empty key, which would end its members', () => {
  expect(codeOf(() => encodeAmf3(new EcmaArray({ a: 1, '': 2 })))).toBe('RTMP_ERR_AMF_VALUE')
})
