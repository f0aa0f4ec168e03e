import { describe, expect, it } from 'vitest'
import { decodeAmf0, decodeAmf3, decodeText } from '../src/index.ts'
import { hex } from './support.ts'

describe('text that is no valid UTF-8', () => {
  const everyByte = Array.from({ length: 256 }, (_, byte) => byte)
  /** Alone it would be ASCII, so that 0xff goes before it, which no UTF-8 has. */
  const characterOf = (byte: number) => decodeText(Buffer.of(0xff, byte)).slice(1)

  it.each([
    ['windows-1251', 'ea e0 ec e5 f0 e0', 'êàìåðà'],
    ['ISO 8859-1', '4d fc 6c 6c 65 72', 'Müller'],
    ['windows-1252', '80 93 99', '€“™'],
    ['Shift-JIS, with 5C in it', '95 5c 8e a6', '•ŜŽ¦'],
    ['GBK', 'ce d2 b5 c4', 'ÎÒµÄ'],
    ['windows-1252, a path', '43 3a 5c 4d fc', 'C:\\Mü'],
    ['UTF-8 that is cut off', '61 e2 82', 'aâ‚'],
    ['UTF-8 longer than needed', 'c0 af', 'À¯'],
    ['halves of a pair, each in UTF-8', 'ed a0 bd ed b8 80', 'íƠ½í¸€'],
  ])('%s', (_name, bytes, text) => expect(decodeText(hex(bytes))).toBe(text))

  it('has a character of its own for each byte', () => {
    const characters = everyByte.map(characterOf)
    expect(new Set(characters).size).toBe(256)
    expect(characters.every(character => character.length === 1)).toBe(true)
    expect(characters.slice(0, 128).join('')).toBe(String.fromCharCode(...everyByte.slice(0, 128)).replace('\\', 'Ŝ'))
    expect(characters).not.toContain('\ufffd')
  })

  it('has no control characters, blanks, invisible ones or backslashes for bytes that are not ASCII', () => {
    const characters = everyByte.slice(128).map(characterOf).join('')
    expect(characters).not.toMatch(/[\p{C}\p{Z}\\]/u)
  })

  it('stays apart from other such text', () => {
    const names = [hex('ea e0 ec 31'), hex('ea e0 ec 32'), hex('eb e0 ec 31'), hex('83 5c'), hex('83 5b'), hex('83 bc')]
    expect(new Set(names.map(name => decodeText(name))).size).toBe(names.length)
  })
})

describe('text that is valid UTF-8', () => {
  it.each(['live', 'камера', '摄像头', '🎥', '\ufeffname', 'U+FFFD itself: \ufffd', '', 'x'.repeat(300)])(
    '%j',
    text => {
      expect(decodeText(Buffer.from(text))).toBe(text)
      const around = Buffer.concat([Buffer.of(0xff), Buffer.from(text), Buffer.of(0xff)])
      expect(decodeText(around, 1, around.length - 1)).toBe(text)
    },
  )
})

it('holds for strings, long strings, keys, class names and XML of AMF0', () => {
  const cyrillic = 'eae0ec'
  const values = decodeAmf0(
    hex(`02 0003 ${cyrillic} 0c 00000003 ${cyrillic} 03 0003 ${cyrillic} 05 000009 10 0003 ${cyrillic} 000009
    08 00000001 0003 ${cyrillic} 05 000009 0f 00000003 ${cyrillic}`),
  )
  expect(values).toMatchObject([
    'êàì',
    'êàì',
    { êàì: null },
    { className: 'êàì' },
    { properties: { êàì: null } },
    { text: 'êàì' },
  ])
})

it('holds for strings, keys, class names and XML of AMF3', () => {
  const cyrillic = 'eae0ec'
  const values = decodeAmf3(
    hex(`06 07 ${cyrillic} 06 00 0a 0b 07 ${cyrillic} 07 ${cyrillic} 01 01 0b 07 ${cyrillic} 07 07 ${cyrillic}`),
  )
  expect(values.slice(0, 3)).toMatchObject(['êàì', 'êàì', { className: 'êàì', properties: { êàì: null } }])
  expect(values.slice(3)).toMatchObject([{ text: 'êàì' }, { text: 'êàì' }])
})
