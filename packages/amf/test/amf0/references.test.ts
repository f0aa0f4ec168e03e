import { describe, expect, test } from 'vitest'
import {
  type AmfValue,
  Amf0Reader,
  Amf0Writer,
  decodeAmf0,
  EcmaArray,
  encodeAmf0,
  TypedObject,
} from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

describe('an object that contains itself', () => {
  test('object', () => {
    const object: Record<string, AmfValue> = {}
    object['a'] = object
    const bytes = hex('03 0001 61 07 0000 0000 09')
    expect(encodeAmf0(object)).toEqual(bytes)
    const [decoded] = decodeAmf0(bytes) as [{ a: unknown }]
    expect(decoded.a).toBe(decoded)
  })

  test('ECMA array', () => {
    const properties: Record<string, AmfValue> = {}
    const array = new EcmaArray(properties)
    properties['a'] = array
    const bytes = hex('08 00000001 0001 61 07 0000 0000 09')
    expect(encodeAmf0(array)).toEqual(bytes)
    const [decoded] = decodeAmf0(bytes) as [EcmaArray]
    expect(decoded).toBeInstanceOf(EcmaArray)
    expect(decoded.properties['a']).toBe(decoded)
  })

  test('typed object', () => {
    const properties: Record<string, AmfValue> = {}
    const object = new TypedObject('C', properties)
    properties['a'] = object
    const bytes = hex('10 0001 43 0001 61 07 0000 0000 09')
    expect(encodeAmf0(object)).toEqual(bytes)
    const [decoded] = decodeAmf0(bytes) as [TypedObject]
    expect(decoded).toBeInstanceOf(TypedObject)
    expect(decoded.properties['a']).toBe(decoded)
  })

  test('strict array', () => {
    const array: AmfValue[] = []
    array.push(array)
    const bytes = hex('0a 00000001 07 0000')
    expect(encodeAmf0(array)).toEqual(bytes)
    const [decoded] = decodeAmf0(bytes) as [unknown[]]
    expect(decoded[0]).toBe(decoded)
  })

  test('through others, counted over all values of the message', () => {
    const outer: Record<string, AmfValue> = {}
    outer['list'] = [new EcmaArray({ outer })]
    const bytes = hex(`
      03 0000 09
      03 0004 6c697374 0a 00000001 08 00000001 0005 6f75746572 07 0001 0000 09 0000 09`)
    expect(encodeAmf0({}, outer)).toEqual(bytes)
    const [, decoded] = decodeAmf0(bytes) as [unknown, { list: [EcmaArray] }]
    expect(decoded.list[0].properties['outer']).toBe(decoded)
  })
})

test('indices count objects, ECMA arrays, strict arrays and typed objects, in order of appearance', () => {
  const bytes = hex(`
    03 0000 09
    0b 0000000000000000 0000
    08 00000000 0000 09
    0f 00000000
    0a 00000000
    10 0001 43 0000 09
    07 0000 07 0001 07 0002 07 0003`)
  const [object, , ecma, , strict, typed, ...references] = decodeAmf0(bytes)
  expect(references).toHaveLength(4)
  expect(references[0]).toBe(object)
  expect(references[1]).toBe(ecma)
  expect(references[2]).toBe(strict)
  expect(references[3]).toBe(typed)
})

test('what occurs twice without containing itself is written twice', () => {
  const shared = { a: null }
  expect(encodeAmf0([shared, shared], shared)).toEqual(
    hex('0a 00000002 03 0001 61 05 0000 09 03 0001 61 05 0000 09 03 0001 61 05 0000 09'),
  )
})

test('a reference to what has not been seen is an error', () => {
  expect(codeOf(() => decodeAmf0(hex('07 0000')))).toBe('RTMP_ERR_AMF_REFERENCE')
  expect(codeOf(() => decodeAmf0(hex('0a 00000001 07 0001')))).toBe('RTMP_ERR_AMF_REFERENCE')
  expect(codeOf(() => decodeAmf0(hex('03 0000 09 07 ffff')))).toBe('RTMP_ERR_AMF_REFERENCE')
})

test('references reach back over several reads, not into another message', () => {
  const reader = new Amf0Reader(hex('03 0000 09 07 0000'))
  const object = reader.read()
  expect(reader.read()).toBe(object)
})

test('an object that contains itself cannot be written past index 65,535', () => {
  const writer = new Amf0Writer({ elements: Infinity })
  for (let index = 0; index < 65_535; index++) writer.write([])
  const last: AmfValue[] = []
  last.push(last)
  writer.write(last)
  expect(codeOf(() => writer.write(last))).toBe('RTMP_ERR_AMF_REFERENCE')
})
