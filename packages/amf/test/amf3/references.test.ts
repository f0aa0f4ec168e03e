import { describe, expect, test } from 'vitest'
import {
  type AmfValue,
  Amf3Reader,
  decodeAmf3,
  Dictionary,
  EcmaArray,
  encodeAmf3,
  ExternalizableObject,
  ObjectVector,
  TypedObject,
} from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'
import { cases } from './cases.ts'

describe('what contains itself', () => {
  test('object', () => {
    const object: Record<string, AmfValue> = {}
    object['a'] = object
    const bytes = hex('0a 0b 01 03 61 0a 00 01')
    expect(encodeAmf3(object)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [{ a: unknown }]
    expect(decoded.a).toBe(decoded)
  })

  test('typed object', () => {
    const properties: Record<string, AmfValue> = {}
    const object = new TypedObject('C', properties)
    properties['a'] = object
    const bytes = hex('0a 13 03 43 03 61 0a 00')
    expect(encodeAmf3(object)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [TypedObject]
    expect(decoded).toBeInstanceOf(TypedObject)
    expect(decoded.properties['a']).toBe(decoded)
  })

  test('dense array', () => {
    const array: AmfValue[] = []
    array.push(array)
    const bytes = hex('09 03 01 09 00')
    expect(encodeAmf3(array)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [unknown[]]
    expect(decoded[0]).toBe(decoded)
  })

  test('associative array, in both portions', () => {
    const properties: Record<string, AmfValue> = {}
    const values: AmfValue[] = []
    const array = new EcmaArray(properties, values)
    properties['a'] = array
    values.push(array)
    const bytes = hex('09 03 03 61 09 00 01 09 00')
    expect(encodeAmf3(array)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [EcmaArray]
    expect(decoded.properties['a']).toBe(decoded)
    expect(decoded.values[0]).toBe(decoded)
  })

  test('vector of object', () => {
    const values: AmfValue[] = []
    const vector = new ObjectVector('', values)
    values.push(vector)
    const bytes = hex('10 03 00 01 10 00')
    expect(encodeAmf3(vector)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [ObjectVector]
    expect(decoded.values[0]).toBe(decoded)
  })

  test('dictionary, as key and as value', () => {
    const entries: [AmfValue, AmfValue][] = []
    const dictionary = new Dictionary(entries)
    entries.push([dictionary, dictionary])
    const bytes = hex('11 03 00 11 00 11 00')
    expect(encodeAmf3(dictionary)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [Dictionary]
    expect(decoded.entries[0]?.[0]).toBe(decoded)
    expect(decoded.entries[0]?.[1]).toBe(decoded)
  })

  test('externalizable', () => {
    const source: AmfValue[] = []
    const collection = new ExternalizableObject('flex.messaging.io.ArrayCollection', source)
    source.push(collection)
    const name = Buffer.from('flex.messaging.io.ArrayCollection').toString('hex')
    const bytes = hex(`0a 07 43 ${name} 09 03 01 0a 00`)
    expect(encodeAmf3(collection)).toEqual(bytes)
    const [decoded] = decodeAmf3(bytes) as [ExternalizableObject]
    expect((decoded.content as AmfValue[])[0]).toBe(decoded)
  })
})

const shared = cases.filter(({ value }) => typeof value === 'object' && value !== null)

describe.each(shared)('$name, twice', ({ bytes, value }) => {
  const reference = Buffer.concat([bytes.subarray(0, 1), hex('02')])
  const twice = Buffer.concat([hex('09 05 01'), bytes, reference])

  test('is written once', () => expect(encodeAmf3([value, value])).toEqual(twice))

  test('is read as one', () => {
    const [[first, second]] = decodeAmf3(twice) as [[unknown, unknown]]
    expect(first).toStrictEqual(value)
    expect(second).toBe(first)
  })
})

test('indices count everything that can be referred to, in order of appearance', () => {
  const bytes = hex(`
    07 01  08 01 0000000000000000  09 01 01  0a 0b 01 01  0b 01  0c 01
    0d 01 00  0e 01 01  0f 01 00  10 01 00 01  11 01 00
    07 00 08 02 09 04 0a 06 0b 08 0c 0a 0d 0c 0e 0e 0f 10 10 12 11 14`)
  const values = decodeAmf3(bytes)
  expect(values).toHaveLength(22)
  for (let index = 0; index < 11; index++) expect(values[index + 11]).toBe(values[index])
  expect(encodeAmf3(...values)).toEqual(bytes)
})

test('strings, keys, class names, member names and type names share a table', () => {
  const bytes = hex('06 03 61 0a 0b 01 03 62 01 01 0a 13 03 63 03 64 01 10 01 00 03 65 06 00 06 02 06 04 06 06 06 08')
  const values = decodeAmf3(bytes)
  expect(values.slice(4)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(encodeAmf3(...values)).toEqual(bytes)
})

test('XML text is in no table', () => {
  expect(encodeAmf3(...decodeAmf3(hex('07 03 61 0b 03 61 06 03 61 06 00')))).toEqual(
    hex('07 03 61 0b 03 61 06 03 61 06 00'),
  )
  expect(codeOf(() => decodeAmf3(hex('07 03 61 06 00')))).toBe('RTMP_ERR_AMF_REFERENCE')
})

test('the empty string is in no table', () => {
  expect(codeOf(() => decodeAmf3(hex('06 01 06 00')))).toBe('RTMP_ERR_AMF_REFERENCE')
})

test('traits are told apart by class, names, their order and kind', () => {
  const objects = [
    new TypedObject('C', { a: 1, b: 2 }),
    new TypedObject('C', { b: 2, a: 1 }),
    new TypedObject('D', { a: 1, b: 2 }),
    new TypedObject('C', { a: 1, b: 2 }, ['a', 'b']),
    new TypedObject('C', { a: 1, b: 2 }, ['a']),
    new TypedObject('C', { a: 1 }),
    // The names run together would be alike.
    new TypedObject('C', { ab: 1 }),
    { a: 1, b: 2 },
  ]
  const decoded = decodeAmf3(encodeAmf3(...objects, ...objects))
  expect(decoded.slice(8)).toEqual(decoded.slice(0, 8))
  expect(decoded.slice(0, 7)).toEqual(objects.slice(0, 7))
  expect(
    decoded.map(object => Object.keys(object instanceof TypedObject ? object.properties : (object as object)).join()),
  ).toEqual(['a,b', 'b,a', 'a,b', 'a,b', 'a,b', 'a', 'ab', 'a,b', 'a,b', 'b,a', 'a,b', 'a,b', 'a,b', 'a', 'ab', 'a,b'])
})

test('traits are told apart by externalizable, and by every index of their names', () => {
  const name = 'flex.messaging.io.ArrayCollection'
  const texts = Array.from({ length: 20 }, (_, index) => `s${index}`)
  const values = [
    texts,
    new TypedObject(name, {}),
    new ExternalizableObject(name, null),
    new TypedObject('s1', { s2: null }),
    new TypedObject('s12', {}),
    new TypedObject('s1', { s1: null, s2: null }),
    new TypedObject('s1', { s12: null }),
  ]
  expect(decodeAmf3(encodeAmf3(...values))).toEqual(values)
})

describe('a reference to what has not been seen is an error', () => {
  test.each([
    ['object', '0a 00'],
    ['object past the last', '09 03 01 09 02'],
    ['date', '08 00'],
    ['XML', '0b 7e'],
    ['byte array', '0c 00'],
    ['vector', '0d 00'],
    ['vector of object', '10 00'],
    ['dictionary', '11 00'],
    ['the greatest', '0a ffffff fe'],
    ['traits', '0a 01'],
    ['traits past the last', '09 05 01 0a 0b 01 01 0a 05'],
    ['the greatest traits', '0a ffffff fd'],
    ['string', '06 00'],
    ['string past the last', '06 03 61 06 02'],
    ['the greatest string', '06 ffffff fe'],
    ['key', '0a 0b 01 00'],
    ['class name', '0a 03 00'],
    ['member name', '0a 13 01 02'],
    ['type name', '10 01 00 00'],
  ])('%s', (_name, bytes) => expect(codeOf(() => decodeAmf3(hex(bytes)))).toBe('RTMP_ERR_AMF_REFERENCE'))
})

test('references reach back over several reads, not into another reader', () => {
  const reader = new Amf3Reader(hex('0a 0b 01 01 0a 00 06 03 61 06 00'))
  const object = reader.read()
  expect(reader.read()).toBe(object)
  expect(reader.read()).toBe('a')
  expect(reader.read()).toBe('a')
})
