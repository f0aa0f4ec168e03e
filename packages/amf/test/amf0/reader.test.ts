import { expect, test } from 'vitest'
import { Amf0Reader, decodeAmf0 } from '../../src/index.ts'
import { codeOf, hex } from '../support.ts'

test('reads one value at a time and says where it is', () => {
  // The last byte is no marker: whoever asks for the name alone never meets it.
  const reader = new Amf0Reader(hex('02 0004 706c6179 00 4010000000000000 ff'))
  expect(reader.position).toBe(0)
  expect(reader.read()).toBe('play')
  expect(reader.position).toBe(7)
  expect(reader.read()).toBe(4)
  expect(reader.position).toBe(16)
  expect(reader.done).toBe(false)
  expect(codeOf(() => reader.read())).toBe('RTMP_ERR_AMF_MARKER')
})

test('is done at the end, and reading on is an error', () => {
  const reader = new Amf0Reader(hex('05'))
  expect(reader.done).toBe(false)
  reader.read()
  expect(reader.done).toBe(true)
  expect(codeOf(() => reader.read())).toBe('RTMP_ERR_AMF_TRUNCATED')
})

test('reads a view that starts in the middle of its memory', () => {
  const memory = new Uint8Array([0xff, 0xff, ...hex('02 0002 6f6b'), 0xff])
  expect(decodeAmf0(memory.subarray(2, 7))).toEqual(['ok'])
})

test('values keep nothing of the bytes', () => {
  const bytes = hex('02 0002 6f6b 03 0001 61 02 0001 62 0000 09')
  const values = decodeAmf0(bytes)
  bytes.fill(0xff)
  expect(values).toEqual(['ok', { a: 'b' }])
})

test('an error says at which byte', () => {
  expect(() => decodeAmf0(hex('05 05 0e'))).toThrow(/0x0e at byte 2/)
})

test('keys come out right however many have been seen', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `key${index.toString(36)}`)
  const wrong: string[] = []
  for (const key of [...keys, ...keys]) {
    const length = key.length.toString(16).padStart(4, '0')
    const [object] = decodeAmf0(hex(`03 ${length} ${Buffer.from(key).toString('hex')} 05 0000 09`))
    if (Object.keys(object as object).join() !== key) wrong.push(key)
  }
  expect(wrong).toEqual([])
})
