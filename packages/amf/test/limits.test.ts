import { describe, expect, test } from 'vitest'
import {
  Amf0Reader,
  Amf0Writer,
  type AmfLimits,
  type AmfObject,
  type AmfValue,
  decodeAmf0,
  defaultAmfLimits,
  encodeAmf0,
} from '../src/index.ts'
import { codeOf, hex } from './support.ts'

const nested = {
  object: { open: hex('03 0001 61'), close: hex('0000 09') },
  'ECMA array': { open: hex('08 00000001 0001 61'), close: hex('0000 09') },
  'strict array': { open: hex('0a 00000001'), close: hex('') },
  'typed object': { open: hex('10 0001 43 0001 61'), close: hex('0000 09') },
}

function nest({ open, close }: { open: Buffer; close: Buffer }, levels: number): Buffer {
  const repeated = (bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: levels }, () => bytes))
  return Buffer.concat([repeated(open), hex('05'), repeated(close)])
}

function write(value: AmfValue, limits: Partial<AmfLimits>): Buffer {
  const writer = new Amf0Writer(limits)
  writer.write(value)
  return writer.finish()
}

describe.each(Object.entries(nested))('depth: %s', (_name, shape) => {
  test('32 levels are read and written again, 33 are not', () => {
    const bytes = nest(shape, 32)
    const values = decodeAmf0(bytes)
    expect(encodeAmf0(...values).equals(bytes)).toBe(true)
    expect(codeOf(() => decodeAmf0(nest(shape, 33)))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => encodeAmf0(...decodeAmf0(nest(shape, 33), { depth: 33 })))).toBe('RTMP_ERR_AMF_DEPTH')
  })

  test('256 levels are possible', () => {
    const bytes = nest(shape, 256)
    const [value] = decodeAmf0(bytes, { depth: 256 })
    expect(write(value, { depth: 256 }).equals(bytes)).toBe(true)
  })

  test('100,000 levels are an error even at the greatest depth', () => {
    expect(codeOf(() => decodeAmf0(nest(shape, 100_000)))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => decodeAmf0(nest(shape, 100_000), { depth: 256 }))).toBe('RTMP_ERR_AMF_DEPTH')
  })
})

test('depth: 100,000 levels cannot be written', () => {
  let array: AmfValue = null
  let object: AmfValue = null
  for (let level = 0; level < 100_000; level++) {
    array = [array]
    object = { a: object }
  }
  expect(codeOf(() => encodeAmf0(array))).toBe('RTMP_ERR_AMF_DEPTH')
  expect(codeOf(() => write(object, { depth: 256 }))).toBe('RTMP_ERR_AMF_DEPTH')
})

test('depth: 0 allows scalars only', () => {
  expect(decodeAmf0(hex('05'), { depth: 0 })).toEqual([null])
  expect(codeOf(() => decodeAmf0(hex('03 0000 09'), { depth: 0 }))).toBe('RTMP_ERR_AMF_DEPTH')
})

test('depth: is that of a value, not the sum of those before it', () => {
  const bytes = Buffer.concat(Array.from({ length: 100 }, () => nest(nested.object, 32)))
  const values = decodeAmf0(bytes)
  expect(values).toHaveLength(100)
  expect(encodeAmf0(...values).equals(bytes)).toBe(true)
})

describe('elements', () => {
  test('50,000 in one message', () => {
    const most = Buffer.alloc(50_000, 0x05)
    expect(decodeAmf0(most)).toHaveLength(50_000)
    expect(codeOf(() => decodeAmf0(Buffer.alloc(50_001, 0x05)))).toBe('RTMP_ERR_AMF_ELEMENTS')
    expect(encodeAmf0(Array.from({ length: 49_999 }, () => null))).toHaveLength(5 + 49_999)
    expect(codeOf(() => encodeAmf0(Array.from({ length: 50_000 }, () => null)))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('are counted over all reads', () => {
    const reader = new Amf0Reader(hex('05 05 05'), { elements: 2 })
    reader.read()
    reader.read()
    expect(codeOf(() => reader.read())).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('references count', () => {
    const bytes = hex('0a 00000002 07 0000 07 0000')
    expect(decodeAmf0(bytes, { elements: 3 })).toHaveLength(1)
    expect(codeOf(() => decodeAmf0(bytes, { elements: 2 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('members that are dropped count', () => {
    const bytes = hex('03 0009 5f5f70726f746f5f5f 05 0000 09')
    expect(codeOf(() => decodeAmf0(bytes, { elements: 1 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('what references make cheap to read does not expand without end when written', () => {
    // Each level holds the one before twice: 2^30 values from 30.
    let level: AmfObject = {}
    for (let count = 1; count < 31; count++) level = { a: level, b: level }
    expect(codeOf(() => encodeAmf0(level))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })
})

test('stringLength: strings, keys, class names and XML documents, read and written', () => {
  const limits = { stringLength: 3 }
  const messages = ['02 0003 616161', '03 0003 616161 05 0000 09', '10 0003 616161 0000 09', '0f 00000003 616161']
  for (const bytes of messages.map(hex)) {
    const [value] = decodeAmf0(bytes, limits)
    expect(write(value, limits)).toEqual(bytes)
    expect(codeOf(() => decodeAmf0(bytes, { stringLength: 2 }))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
    expect(codeOf(() => write(value, { stringLength: 2 }))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
  }
  // It counts bytes.
  expect(codeOf(() => write('€a', limits))).toBe('RTMP_ERR_AMF_STRING_LENGTH')
})

test('arrayLength: read and written', () => {
  const bytes = hex('0a 00000002 05 05')
  expect(decodeAmf0(bytes, { arrayLength: 2 })).toEqual([[null, null]])
  expect(codeOf(() => decodeAmf0(bytes, { arrayLength: 1 }))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
  expect(codeOf(() => write([null, null], { arrayLength: 1 }))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
  // One element, four thousand million holes.
  const holes: AmfValue[] = []
  holes[4_000_000_000] = null
  expect(codeOf(() => encodeAmf0(holes))).toBe('RTMP_ERR_AMF_ARRAY_LENGTH')
})

describe('byteLength', () => {
  test('read', () => {
    expect(decodeAmf0(hex('00 3ff0000000000000'), { byteLength: 9 })).toEqual([1])
    expect(codeOf(() => new Amf0Reader(Buffer.alloc(10), { byteLength: 9 }))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
  })

  test.each([1, 'short', 'ünicode', 'l'.repeat(100), true, { a: null }, [1], new Date(0)])('written: %j', value => {
    const { length } = encodeAmf0(value)
    expect(write(value, { byteLength: length })).toHaveLength(length)
    expect(codeOf(() => write(value, { byteLength: length - 1 }))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
  })

  test('one long string used often does not expand without end', () => {
    const shared = { text: 'x'.repeat(1_000_000) }
    expect(codeOf(() => encodeAmf0(Array.from({ length: 100 }, () => shared)))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
  })
})

describe('a limit', () => {
  test.each([
    { depth: 257 },
    { depth: Infinity },
    { depth: Number.NaN },
    { elements: Number.NaN },
    { stringLength: -1 },
    { arrayLength: Number.NaN },
    { byteLength: '9' as unknown as number },
  ])('that limits nothing is refused: %o', limits => {
    expect(codeOf(() => new Amf0Reader(hex('05'), limits))).toBe('RTMP_ERR_AMF_LIMITS')
    expect(codeOf(() => new Amf0Writer(limits))).toBe('RTMP_ERR_AMF_LIMITS')
  })

  test('that is not given is the default', () => {
    const undefinedDepth = { depth: undefined } as unknown as Partial<AmfLimits>
    expect(codeOf(() => decodeAmf0(nest(nested.object, 33), undefinedDepth))).toBe('RTMP_ERR_AMF_DEPTH')
    expect(codeOf(() => decodeAmf0(nest(nested.object, 33), { elements: 100 }))).toBe('RTMP_ERR_AMF_DEPTH')
  })

  test('of the defaults cannot be changed by accident', () => {
    expect(Object.isFrozen(defaultAmfLimits)).toBe(true)
  })
})
