import { describe, expect, test } from 'vitest'
import { Amf3Reader, decodeAmf3, type EcmaArray, encodeAmf3, propertiesOf, TypedObject } from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

const unknown = Array.from({ length: 0x100 }, (_, marker) => marker).filter(marker => marker > 0x11)

test.each(unknown)('marker %i is refused', marker => {
  expect(codeOf(() => decodeAmf3(Buffer.from([marker, 1, 1, 1])))).toBe('RTMP_ERR_AMF_MARKER')
})

test('an error says at which byte', () => expect(() => decodeAmf3(hex('01 01 12'))).toThrow(/0x12 at byte 2/))

describe('a U29 cut short', () => {
  test.each(['04', '04 80', '04 8080', '04 808080', '06 ff', '0a ffff', '0c 808080', '11 80'])('%s', bytes =>
    expect(codeOf(() => decodeAmf3(hex(bytes)))).toBe('RTMP_ERR_AMF_TRUNCATED'),
  )

  test('ends after four bytes whatever the last says', () => {
    expect(decodeAmf3(hex('04 ffffffff 04 808080ff'))).toEqual([-1, 255])
  })
})

describe('counts and lengths that lie', () => {
  test.each([
    ['string', '06 ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['string within the limit', '06 848001 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['key', '0a 0b 01 ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['class name', '0a 03 ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['XML document', '07 ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['XML', '0b ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['byte array', '0c ffffffff 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['array', '09 ffffffff 01', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['array within the limit', '09 848001 01', 'RTMP_ERR_AMF_TRUNCATED'],
    ['sealed members', '0a fffffff3 01', 'RTMP_ERR_AMF_ELEMENTS'],
    ['sealed members within the limit', '0a 84a403 01', 'RTMP_ERR_AMF_TRUNCATED'],
    ['vector of int', '0d ffffffff 00', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['vector of int within the limit', '0d 05 00 00000001 000000', 'RTMP_ERR_AMF_TRUNCATED'],
    ['vector of uint', '0e ffffffff 00', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['vector of uint within the limit', '0e 05 00 00000001 000000', 'RTMP_ERR_AMF_TRUNCATED'],
    ['vector of double', '0f ffffffff 00', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['vector of double within the limit', '0f 05 00 0000000000000000 00000000000000', 'RTMP_ERR_AMF_TRUNCATED'],
    ['vector of object', '10 ffffffff 00 01', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['vector of object within the limit', '10 848001 00 01', 'RTMP_ERR_AMF_TRUNCATED'],
    ['dictionary', '11 ffffffff 00', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['dictionary within the limit', '11 07 00 01 01 01 01', 'RTMP_ERR_AMF_TRUNCATED'],
  ])('%s', (_name, bytes, code) => expect(codeOf(() => decodeAmf3(hex(bytes)))).toBe(code))

  test.each(['09', '0d', '0e', '0f', '10', '11', '0c', '06', '07', '0b', '0a'])(
    'are bounded by the bytes even without limits: marker %s',
    marker => {
      const none = { stringLength: Infinity, arrayLength: Infinity, elements: Infinity, byteLength: Infinity }
      // As the header of an object: 33,554,430 sealed members.
      const header = marker === '0a' ? 'fffffff3' : 'ffffffff'
      const before = process.memoryUsage().arrayBuffers
      expect(codeOf(() => decodeAmf3(hex(`${marker} ${header} 01 01`), none))).toBe('RTMP_ERR_AMF_TRUNCATED')
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
    },
  )

  test('items longer than the bytes are refused before they are read', () => {
    // The first of them would be an error of another kind.
    expect(codeOf(() => decodeAmf3(hex('09 07 01 12')))).toBe('RTMP_ERR_AMF_TRUNCATED')
    expect(codeOf(() => decodeAmf3(hex('10 09 00 01 12')))).toBe('RTMP_ERR_AMF_TRUNCATED')
    expect(codeOf(() => decodeAmf3(hex('11 07 00 12 01 01 01')))).toBe('RTMP_ERR_AMF_TRUNCATED')
    expect(codeOf(() => decodeAmf3(hex('0a 43 01 00')))).toBe('RTMP_ERR_AMF_TRUNCATED')
  })

  test.each(['0d 05 00 00000000000000', '0e 05 00 00000000000000', '0f 05 00 000000000000000000000000000000'])(
    'vectors longer than the bytes are refused before they are read: %s',
    bytes => {
      const reader = new Amf3Reader(hex(bytes))
      expect(codeOf(() => reader.read())).toBe('RTMP_ERR_AMF_TRUNCATED')
      expect(reader.position).toBe(3)
    },
  )

  test('arrays that each claim all that is left', () => {
    const claims = Buffer.concat(Array.from({ length: 30 }, () => hex('09 87f001 01')))
    const bytes = Buffer.concat([claims, Buffer.alloc(70_000, 0x01)])
    expect(codeOf(() => decodeAmf3(bytes))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })

  test('sealed members that each claim all that is left', () => {
    const names = Buffer.concat([hex('03 61'), Buffer.alloc(39_999, 0x00)])
    const claims = Buffer.concat(Array.from({ length: 3 }, () => Buffer.concat([hex('0a a78803 01'), names])))
    expect(codeOf(() => decodeAmf3(Buffer.concat([claims, Buffer.alloc(130_000, 0x01)])))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })
})

test('references do not expand: neither when read nor when written again', () => {
  // Each level holds the one before twice: 2^31 objects if they were written out.
  const levels = 31
  const open = Buffer.concat(Array.from({ length: levels }, () => hex('09 05 01')))
  const close = Buffer.concat(
    Array.from({ length: levels }, (_, level) => (level === 0 ? hex('01 01') : Buffer.of(0x09, (levels - level) * 2))),
  )
  const bytes = Buffer.concat([open, close])
  const values = decodeAmf3(bytes)
  expect(encodeAmf3(...values)).toEqual(bytes)
})

test('a long name that many objects share is written once', () => {
  const name = 'n'.repeat(1_000_000)
  const objects = Array.from({ length: 20_000 }, () => new TypedObject('C', { [name]: null }))
  // The array, the first object, then marker, reference to traits and null for each.
  expect(encodeAmf3(objects)).toHaveLength(5 + 1_000_008 + 19_999 * 3)
})

test('a key that looks like an index takes no room for the indices below it', () => {
  const count = 24_000
  const object = hex('0a 01 00 01 01')
  const first = hex('0a 0b 01 09 31303233 01 01')
  const array = Buffer.concat([hex('09 82f701 01'), first, ...Array.from({ length: count - 1 }, () => object)])
  const before = process.memoryUsage().heapUsed
  const [values] = decodeAmf3(array) as [readonly unknown[]]
  const bytesPerObject = (process.memoryUsage().heapUsed - before) / count
  expect(values).toHaveLength(count)
  expect(values[count - 1]).toEqual({ 1023: null })
  // A dense store takes 12 KiB for each.
  expect(bytesPerObject).toBeLessThan(4000)
})

describe('prototypes', () => {
  const proto = '13 5f5f70726f746f5f5f'
  const constructor = '17 636f6e7374727563746f72'
  const prototype = '13 70726f746f74797065'
  const polluted = '0a 0b 01 11 706f6c6c75746564 03 01'
  const members = `${proto} ${polluted} ${constructor} 0a 0b 01 ${prototype} ${polluted} 01 ${prototype} ${polluted} 01`

  test.each([
    ['object', `0a 0b 01 ${members}`],
    ['array', `09 01 ${members}`],
    ['typed object', `0a 0b ${proto} ${members}`],
    [
      'sealed members',
      `0a 33 01 ${proto} ${constructor} ${prototype} ${polluted} 0a 0b 01 ${prototype} ${polluted} 01 ${polluted}`,
    ],
  ])('are out of reach: %s', (_name, bytes) => {
    const [value] = decodeAmf3(hex(bytes))
    const properties = propertiesOf(value)
    if (properties === undefined) throw new Error('no members')
    expect(Object.getPrototypeOf(properties)).toBeNull()
    expect(Object.keys(properties)).toEqual(['constructor', 'prototype'])
    expect(properties['constructor']).toEqual({ prototype: { polluted: true } })
    expect('polluted' in properties).toBe(false)

    const copy = Object.assign({}, properties)
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect('polluted' in copy).toBe(false)
    expect('polluted' in {}).toBe(false)
    expect('polluted' in Object).toBe(false)
  })

  test('a class name is only a name', () => {
    const [value] = decodeAmf3(hex('0a 03 0d 4f626a656374'))
    expect(value).toBeInstanceOf(TypedObject)
    expect((value as TypedObject).className).toBe('Object')
  })

  test('keys that Object.prototype has are data', () => {
    const [value] = decodeAmf3(hex('09 01 11 746f537472696e67 01 1d 6861734f776e50726f7065727479 01 01'))
    expect({ ...(value as EcmaArray).properties }).toEqual({ toString: null, hasOwnProperty: null })
  })
})
