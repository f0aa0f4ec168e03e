import { describe, expect, test } from 'vitest'
import { decodeAmf0, type EcmaArray, propertiesOf, TypedObject } from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

describe('markers', () => {
  const unknown = Array.from({ length: 0x100 }, (_, marker) => marker).filter(marker => marker > 0x11)

  test.each([0x04, 0x0e, ...unknown])('%i is refused', marker => {
    expect(codeOf(() => decodeAmf0(Buffer.from([marker, 0, 0, 9])))).toBe('RTMP_ERR_AMF_MARKER')
  })
})

describe('object end', () => {
  test.each([
    ['alone', '09'],
    ['after a key that is not empty', '03 0001 61 09'],
    ['in a strict array', '0a 00000001 09'],
    ['twice', '03 0000 09 09'],
  ])('%s is refused', (_name, bytes) => expect(codeOf(() => decodeAmf0(hex(bytes)))).toBe('RTMP_ERR_AMF_OBJECT_END'))

  test.each([
    ['object', '03 0001 61 05'],
    ['object, after the empty key', '03 0001 61 05 0000'],
    ['ECMA array with the right count', '08 00000001 0001 61 05'],
    ['typed object', '10 0001 43 0001 61 05'],
  ])('missing: %s', (_name, bytes) => expect(codeOf(() => decodeAmf0(hex(bytes)))).toBe('RTMP_ERR_AMF_TRUNCATED'))
})

describe('counts and lengths that lie', () => {
  test.each([
    ['strict array', '0a ffffffff 05', 'RTMP_ERR_AMF_ARRAY_LENGTH'],
    ['strict array within the limit', '0a 00010000 05', 'RTMP_ERR_AMF_TRUNCATED'],
    ['string', '02 ffff 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['long string', '0c ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['long string within the limit', '0c 00100000 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['XML document', '0f ffffffff 61', 'RTMP_ERR_AMF_STRING_LENGTH'],
    ['key', '03 ffff 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['class name', '10 ffff 61', 'RTMP_ERR_AMF_TRUNCATED'],
    ['ECMA array', '08 ffffffff', 'RTMP_ERR_AMF_TRUNCATED'],
  ])('%s', (_name, bytes, code) => expect(codeOf(() => decodeAmf0(hex(bytes)))).toBe(code))

  test('are bounded by the bytes even without limits', () => {
    const none = { stringLength: Infinity, arrayLength: Infinity, elements: Infinity }
    expect(codeOf(() => decodeAmf0(hex('0a ffffffff 05'), none))).toBe('RTMP_ERR_AMF_TRUNCATED')
    expect(codeOf(() => decodeAmf0(hex('0c ffffffff 61'), none))).toBe('RTMP_ERR_AMF_TRUNCATED')
  })

  test('a strict array longer than the bytes is refused before its values are read', () => {
    // The first of them would be an error of another kind.
    expect(codeOf(() => decodeAmf0(hex('0a 00000003 04 05')))).toBe('RTMP_ERR_AMF_TRUNCATED')
    expect(codeOf(() => decodeAmf0(hex('0a 00000002 04 05')))).toBe('RTMP_ERR_AMF_MARKER')
  })

  test('arrays that each claim all that is left', () => {
    const claims = Buffer.concat(
      Array.from({ length: 30 }, (_, index) => hex(`0a 0000${(0xfff0 - index).toString(16)}`)),
    )
    const bytes = Buffer.concat([claims, Buffer.alloc(70_000, 0x05)])
    expect(codeOf(() => decodeAmf0(bytes))).toBe('RTMP_ERR_AMF_ELEMENTS')
  })
})

test('a key that looks like an index takes no room for the indices below it', () => {
  const object = hex('03 0004 31303233 05 0000 09')
  const count = 24_000
  const array = Buffer.concat([hex(`0a 0000${count.toString(16)}`), ...Array.from({ length: count }, () => object)])
  const before = process.memoryUsage().heapUsed
  const [values] = decodeAmf0(array) as [readonly unknown[]]
  const bytesPerObject = (process.memoryUsage().heapUsed - before) / count
  expect(values[count - 1]).toEqual({ 1023: null })
  // A dense store takes 12 KiB for each.
  expect(bytesPerObject).toBeLessThan(4000)
})

describe('prototypes', () => {
  const proto = '0009 5f5f70726f746f5f5f'
  const constructor = '000b 636f6e7374727563746f72'
  const prototype = '0009 70726f746f74797065'
  const polluted = '03 0008 706f6c6c75746564 01 01 0000 09'
  const members = `${proto} ${polluted} ${constructor} 03 ${prototype} ${polluted} 0000 09 ${prototype} ${polluted} 0000 09`

  test.each([
    ['object', `03 ${members}`],
    ['ECMA array', `08 00000003 ${members}`],
    ['typed object', `10 ${proto} ${members}`],
  ])('are out of reach: %s', (_name, bytes) => {
    const [value] = decodeAmf0(hex(bytes))
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
    const [value] = decodeAmf0(hex('10 0006 4f626a656374 0000 09'))
    expect(value).toBeInstanceOf(TypedObject)
    expect((value as TypedObject).className).toBe('Object')
  })

  test('keys that Object.prototype has are data', () => {
    const [value] = decodeAmf0(hex('08 00000000 0008 746f537472696e67 05 000e 6861734f776e50726f7065727479 05 0000 09'))
    expect({ ...(value as EcmaArray).properties }).toEqual({ toString: null, hasOwnProperty: null })
  })

  test('what a dropped key held can still be referred to', () => {
    const [value] = decodeAmf0(hex(`03 ${proto} 03 0001 61 05 0000 09 0001 62 07 0001 0000 09`))
    expect({ ...(value as object) }).toEqual({ b: { a: null } })
  })
})
