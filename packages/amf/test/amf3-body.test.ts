import { expect, test } from 'vitest'
import { AvmPlus, decodeAmf3Body, encodeAmf3Body, ExternalizableObject } from '../src/index.ts'
import { codeOf, hex } from './support.ts'

const values = '02 0004 63616c6c 00 3ff0000000000000 05 11 0c 05 0102'

test('after the format selector the values are AMF0, which may switch', () => {
  expect(decodeAmf3Body(hex(`00 ${values}`))).toStrictEqual(['call', 1, null, Uint8Array.of(1, 2)])
  expect(encodeAmf3Body('call', 1, null, new AvmPlus(Uint8Array.of(1, 2)))).toEqual(hex(`00 ${values}`))
})

test('the format selector may be missing, and may be any', () => {
  expect(decodeAmf3Body(hex(values))).toHaveLength(4)
  expect(decodeAmf3Body(hex(`03 ${values}`))).toHaveLength(4)
})

test('a name in AMF3', () => {
  expect(decodeAmf3Body(hex('00 11 06 09 63616c6c 00 3ff0000000000000'))).toEqual(['call', 1])
})

test('an empty body holds no values', () => {
  expect(decodeAmf3Body(hex(''))).toEqual([])
  expect(decodeAmf3Body(hex('00'))).toEqual([])
  expect(encodeAmf3Body()).toEqual(hex('00'))
})

test('limits and codecs are passed on', () => {
  expect(codeOf(() => decodeAmf3Body(hex('00 05 05'), { elements: 1 }))).toBe('RTMP_ERR_AMF_ELEMENTS')
  const codecs = new Map([['C', { read: () => 1, write: () => undefined }]])
  expect(decodeAmf3Body(hex('00 11 0a 07 03 43'), undefined, codecs)).toEqual([new ExternalizableObject('C', 1)])
})

test('a body is never longer than a message can be', () => {
  // Marker and header of the byte array, the switch and the selector.
  const most = new Uint8Array(16_777_215 - 7)
  expect(encodeAmf3Body(new AvmPlus(most))).toHaveLength(16_777_215)
  expect(codeOf(() => encodeAmf3Body(new AvmPlus(most), null))).toBe('RTMP_ERR_AMF_BYTE_LENGTH')
})
