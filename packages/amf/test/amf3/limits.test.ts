import { describe, expect, test } from 'vitest'
import {
  Amf0Writer,
  Amf3Reader,
  Amf3Writer,
  type AmfLimits,
  type AmfObject,
  type AmfValue,
  AvmPlus,
  decodeAmf0,
  decodeAmf3,
  encodeAmf0,
  encodeAmf3,
} from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

const collection = Buffer.from('flex.messaging.io.ArrayCollection').toString('hex')
const nested = {
  object: { first: '0a 0b 01 03 61', open: '0a 01 00', close: '01' },
  'typed object': { first: '0a 13 03 43 03 61', open: '0a 01', close: '' },
  'dynamic object': { first: '0a 0b 03 43 03 61', open: '0a 01 02', close: '01' },
  'associative array': { first: '09 01 03 61', open: '09 01 00', close: '01' },
  'dense array': { first: '09 03 01', open: '09 03 01', close: '' },
  'vector of object': { first: '10 03 00 03 43', open: '10 03 00 00', close: '' },
  'dictionary value': { first: '11 03 00 01', open: '11 03 00 01', close: '' },
  'dictionary key': { first: '11 03 00', open: '11 03 00', close: '02' },
  externalizable: { first: `0a 07 43 ${collection}`, open: '0a 01', close: '' },
}

function nest({ first, open, close }: { first: string; open: string; close: string }, levels: number): Buffer {
  return hex(`${first} ${open.repeat(levels - 1)} 01 ${close.repeat(levels)}`)
}

function write(value: AmfValue, limits: Partial<AmfLimits>): Buffer {
  const writer = new Amf3Writer(limits)
  writer.write(value)
  return writer.finish()
}

describe.each(Object.entries(nested))('depth: %s', (_name, shape) => {
  test('32 levels are read and written again, 33 are not', () => {
    const bytes = nest(shape, 32)
    expect(encodeAmf3(...decodeAmf3(bytes))).toEqual(bytes)
    expect(codeOf(() => decodeAmf3(nest(shape, 33)))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => encodeAmf3(...decodeAmf3(nest(shape, 33), { depth: 33 })))).toBe('RTMP_ERR_AMF_DEPTH')
  })

  test('256 levels are possible', () => {
    const bytes = nest(shape, 256)
    const [value] = decodeAmf3(bytes, { depth: 256 })
    expect(write(value, { depth: 256 })).toEqual(bytes)
  })

  test('10,000 levels are an error even at the greatest depth', () => {
    expect(codeOf(() => decodeAmf3(nest(shape, 10_000)))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => decodeAmf3(nest(shape, 10_000), { depth: 256 }))).toBe('RTMP_ERR_AMF_DEPTH')
  })

  test('is counted on from AMF0', () => {
    const [value] = decodeAmf3(nest(shape, 31))
    const bytes = encodeAmf0([new AvmPlus(value)])
    expect(encodeAmf3((decodeAmf0(bytes) as [[AmfValue]])[0][0])).toEqual(nest(shape, 31))
    expect(codeOf(() => encodeAmf0([[new AvmPlus(value)]]))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => decodeAmf0(Buffer.concat([hex('0a 00000001'), bytes])))).toBe('RTMP_ERR_AMF_DEPTH')
  })
})

test('depth: 100,000 levels cannot be written', () => {
  let array: AmfValue = null
  let wrapped: AmfValue = null
  for (let level = 0; level < 100_000; level++) {
    array = [array]
    wrapped = new AvmPlus(wrapped)
  }
  expect(codeOf(() => encodeAmf3(array))).toBe('RTMP_ERR_AMF_DEPTH')
  expect(codeOf(() => encodeAmf3(wrapped))).toBe('RTMP_ERR_AMF_DEPTH')
  expect(codeOf(() => encodeAmf0(wrapped))).toBe('RTMP_ERR_AMF_DEPTH')
})

test('depth: 0 allows what holds no values', () => {
  const bytes = hex('06 03 61 08 01 0000000000000000 0c 01 0d 01 00 07 01')
  expect(decodeAmf3(bytes, { depth: 0 })).toHaveLength(5)
  expect(codeOf(() => decodeAmf3(hex('09 01 01'), { depth: 0 }))).toBe('RTMP_ERR_AMF_DEPTH')
})

describe('elements', () => {
  test('50,000 in one message', () => {
    expect(decodeAmf3(Buffer.alloc(50_000, 0x01))).toHaveLength(50_000)
    expect(codeOf(() => decodeAmf3(Buffer.alloc(50_001, 0x01)))).toBe('RTMP_ERR_AMF_ELEMENTS')
    expect(encodeAmf3(Array.from({ length: 49_999 }, () => null))).toHaveLength(5 + 49_999)
    expect(codeOf(() => encodeAmf3(Array.from({ length: 50_000 }, () => null)))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test.each([
    ['references', '09 05 01 09 00 09 00', 3],
    ['members that are dropped', '0a 0b 01 13 5f5f70726f746f5f5f 01 01', 2],
    ['keys and values of a dictionary', '11 03 00 01 01', 3],
    ['what an externalizable holds', `0a 07 43 ${collection} 01`, 2],
  ])('%s count', (_name, bytes, elements) => {
    expect(decodeAmf3(hex(bytes), { elements })).toHaveLength(1)
    expect(codeOf(() => decodeAmf3(hex(bytes), { elements: elements - 1 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('are counted over all reads, and on from AMF0 and back', () => {
    const reader = new Amf3Reader(hex('01 01 01'), { elements: 2 })
    reader.read()
    reader.read()
    expect(codeOf(() => reader.read())).toBe('RTMP_ERR_AMF_ELEMENTS')
    const bytes = hex('05 11 09 03 01 01 05')
    expect(decodeAmf0(bytes, { elements: 5 })).toHaveLength(3)
    expect(codeOf(() => decodeAmf0(bytes, { elements: 4 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
    expect(codeOf(() => decodeAmf0(hex('05 11 09 03 01 01'), { elements: 3 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('are counted on from AMF0 and back when written', () => {
    const write = (elements: number, ...values: AmfValue[]): void => {
      const writer = new Amf0Writer({ elements })
      for (const value of values) writer.write(value)
    }
    const wrapped = new AvmPlus([null])
    expect(() => write(5, null, wrapped, null)).not.toThrow()
    expect(codeOf(() => write(4, null, wrapped, null))).toBe('RTMP_ERR_AMF_ELEMENTS')
    expect(codeOf(() => write(3, null, wrapped))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('objects shared again and again are cheap in AMF3', () => {
    let level: AmfObject = {}
    for (let count = 1; count < 31; count++) level = { a: level, b: level }
    expect(encodeAmf3(level).length).toBeLessThan(500)
  })
})

test('stringLength: strings, keys, names and XML, read and written', () => {
  const limits = { stringLength: 3 }
  const messages = [
    '06 07 616161',
    '0a 0b 01 07 616161 01 01',
    '0a 03 07 616161',
    '0a 13 01 07 616161 01',
    '07 07 616161',
    '0b 07 616161',
    '10 01 00 07 616161',
    '09 01 07 616161 01 01',
  ]
  for (const bytes of messages.map(hex)) {
    const [value] = decodeAmf3(bytes, limits)
    expect(() => write(value, limits)).not.toThrow()
    expect(codeOf(() => decodeAmf3(bytes, { stringLength: 2 }))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
    expect(codeOf(() => write(value, { stringLength: 2 }))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
  }
  // It counts bytes.
  expect(codeOf(() => write('€a', limits))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
})

test('arrayLength: arrays, vectors and dictionaries, read and written', () => {
  const messages = [
    '09 05 01 01 01',
    '09 05 03 61 01 01 01 01',
    '0d 05 01 00000001 00000002',
    '0e 05 00 00000001 00000002',
    `0f 05 00 ${'00'.repeat(16)}`,
    '10 05 00 01 01 01',
    '11 05 00 01 01 02 02',
  ]
  for (const bytes of messages.map(hex)) {
    const [value] = decodeAmf3(bytes, { arrayLength: 2 })
    expect(write(value, { arrayLength: 2 })).toEqual(bytes)
    expect(codeOf(() => decodeAmf3(bytes, { arrayLength: 1 }))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
    expect(codeOf(() => write(value, { arrayLength: 1 }))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
  }
  // One element, four thousand million holes.
  const holes: AmfValue[] = []
  holes[4_000_000_000] = null
  expect(codeOf(() => encodeAmf3(holes))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
})

describe('byteLength', () => {
  test('read', () => {
    expect(decodeAmf3(hex('04 01'), { byteLength: 2 })).toEqual([1])
    expect(codeOf(() => new Amf3Reader(Buffer.alloc(3), { byteLength: 2 }))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
  })

  test.each([
    1,
    300,
    100_000,
    100_000_000,
    0.5,
    'short',
    'l'.repeat(100),
    true,
    { a: null },
    [1],
    new Date(0),
    new Uint8Array(5),
    Int32Array.of(1),
    Uint32Array.of(1),
  ])('written: %j', value => {
    const { length } = encodeAmf3(value)
    expect(write(value, { byteLength: length })).toHaveLength(length)
    expect(codeOf(() => write(value, { byteLength: length - 1 }))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
  })
})

test('a limit that limits nothing is refused', () => {
  expect(codeOf(() => new Amf3Reader(hex('01'), { depth: 257 }))).toBe('RTMP_ERR_AMF_LIMITS')
  expect(codeOf(() => new Amf3Writer({ elements: Number.NaN }))).toBe('RTMP_ERR_AMF_LIMITS')
})
