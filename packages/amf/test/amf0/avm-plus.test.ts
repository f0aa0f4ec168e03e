import { describe, expect, test } from 'vitest'
import {
  type AmfValue,
  AvmPlus,
  decodeAmf0,
  decodeAmf3,
  Dictionary,
  EcmaArray,
  encodeAmf0,
  ExternalizableObject,
  NumberVector,
  ObjectVector,
  propertiesOf,
  TypedObject,
  Xml,
} from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

test('one value is AMF3, what follows is AMF0 again', () => {
  const bytes = hex('11 03 05 11 04 07 01 01')
  expect(decodeAmf0(bytes)).toEqual([true, null, 7, true])
  expect(encodeAmf0(new AvmPlus(true), null, new AvmPlus(7), true)).toEqual(bytes)
})

test('inside an object, an ECMA array, a typed object and a strict array', () => {
  const bytes = hex(`
    03 0001 61 11 0c 03 ff 0000 09
    08 00000001 0001 61 11 04 01 0000 09
    10 0001 43 0001 61 11 04 02 0000 09
    0a 00000002 11 04 03 05`)
  const values = decodeAmf0(bytes)
  expect(propertiesOf(values[0])).toEqual({ a: Uint8Array.of(255) })
  expect(propertiesOf(values[1])).toEqual({ a: 1 })
  expect(propertiesOf(values[2])).toEqual({ a: 2 })
  expect(values[3]).toEqual([3, null])
  expect(
    encodeAmf0(
      { a: new AvmPlus(Uint8Array.of(255)) },
      new EcmaArray({ a: new AvmPlus(1) }),
      new TypedObject('C', { a: new AvmPlus(2) }),
      [new AvmPlus(3), null],
    ),
  ).toEqual(bytes)
})

test.each([
  ['marker', '11 12', 'RTMP_ERR_AMF_MARKER'],
  ['nothing', '11', 'RTMP_ERR_AMF_TRUNCATED'],
  ['reference', '11 0a 00', 'RTMP_ERR_AMF_REFERENCE'],
  ['end of a strict array', '0a 00000002 11 01', 'RTMP_ERR_AMF_TRUNCATED'],
])('what is wrong in AMF3 is an error: %s', (_name, bytes, code) => {
  expect(codeOf(() => decodeAmf0(hex(bytes)))).toBe(code)
})

describe('tables', () => {
  test('of AMF3 last for the message', () => {
    const [object, again, text, sameClass] = decodeAmf0(
      hex('11 0a 13 03 43 03 61 04 01  11 0a 00  11 06 02  11 0a 01 04 02'),
    )
    expect(object).toEqual(new TypedObject('C', { a: 1 }))
    expect(again).toBe(object)
    expect(text).toBe('a')
    expect(sameClass).toEqual(new TypedObject('C', { a: 2 }))
  })

  test('of AMF3 do not reach the next message', () => {
    decodeAmf0(hex('11 06 03 61'))
    expect(codeOf(() => decodeAmf0(hex('11 06 00')))).toBe('RTMP_ERR_AMF_REFERENCE')
  })

  test('of AMF0 do not count what is in AMF3', () => {
    const bytes = hex('11 09 01 01  03 0001 61 07 0000 0000 09')
    const object: Record<string, AmfValue> = {}
    object['a'] = object
    expect(encodeAmf0(new AvmPlus([]), object)).toEqual(bytes)
    const [, decoded] = decodeAmf0(bytes) as [unknown, { a: unknown }]
    expect(decoded.a).toBe(decoded)
  })

  test('of AMF3 do not count what is in AMF0', () => {
    const [, [first, second]] = decodeAmf0(hex('03 0000 09 11 09 05 01 0a 0b 01 01 0a 02')) as [
      unknown,
      [unknown, unknown],
    ]
    expect(first).toEqual({})
    expect(second).toBe(first)
  })
})

describe('from the second AMF3 value on', () => {
  const texts = ['ab', 'ab']
  const objects = [new TypedObject('C', { a: 1 }), new TypedObject('C', { a: 2 })]

  test('strings and traits are written out, so that any reader understands', () => {
    const bytes = encodeAmf0(new AvmPlus(texts), new AvmPlus(texts), new AvmPlus(objects), new AvmPlus({}))
    expect(bytes).toEqual(
      hex(`
        11 09 05 01 06 05 6162 06 00
        11 09 05 01 06 05 6162 06 05 6162
        11 09 05 01 0a 13 03 43 03 61 04 01 0a 13 03 43 03 61 04 02
        11 0a 0b 01 01`),
    )
    expect(decodeAmf0(bytes)).toEqual([texts, texts, objects, {}])
    // As readers do that begin again with each value.
    expect(decodeAmf3(bytes.subarray(11, 22))).toEqual([texts])
    expect(decodeAmf3(bytes.subarray(23, 42))).toEqual([objects])
  })

  test('objects that occur twice in one value are one, by their index in the message', () => {
    const cycle: AmfValue[] = []
    cycle.push(cycle, cycle)
    const bytes = encodeAmf0(new AvmPlus([]), new AvmPlus(cycle))
    expect(bytes).toEqual(hex('11 09 01 01 11 09 05 01 09 02 09 02'))
    const [, decoded] = decodeAmf0(bytes) as [unknown, unknown[]]
    expect(decoded[0]).toBe(decoded)
    expect(decoded[1]).toBe(decoded)
  })

  test('objects of another value are written again', () => {
    const shared = { a: null }
    expect(encodeAmf0(new AvmPlus(shared), new AvmPlus(shared))).toEqual(
      hex('11 0a 0b 01 03 61 01 01 11 0a 0b 01 03 61 01 01'),
    )
  })
})

test.each([
  ['bytes', new Uint8Array(1)],
  ['a Buffer', Buffer.alloc(1)],
  ['a vector of fixed length', new Int32Array(1)],
  ['a vector', new NumberVector(new Uint32Array())],
  ['a vector of objects', new ObjectVector('', [])],
  ['a dictionary', new Dictionary([])],
  ['XML', new Xml('')],
  ['an externalizable', new ExternalizableObject('flex.messaging.io.ArrayCollection', [])],
])('what only AMF3 has must be wrapped: %s', (_name, value) => {
  expect(codeOf(() => encodeAmf0(value))).toBe('RTMP_ERR_AMF_VALUE')
  expect(codeOf(() => encodeAmf0([value]))).toBe('RTMP_ERR_AMF_VALUE')
  expect(encodeAmf0(new AvmPlus(value))[0]).toBe(0x11)
})
