import { expect, it } from 'vitest'
import { harmless } from '../src/index.ts'

it('shows what moves the cursor, turns the direction of writing, or has no width, as its code', () => {
  const marks = [0, 0x1b, 0x1f, 0x7f, 0x9b, 0x61c, 0x200b, 0x200d, 0x200f, 0x2028, 0x202e, 0x2066, 0x2069, 0xfeff]
  for (const mark of marks) {
    const code = `\\u${mark.toString(16).padStart(4, '0')}`
    expect(harmless(`live/${String.fromCharCode(mark)}cam`)).toBe(`live/${code}cam`)
  }
})

it('leaves names of all languages as they are', () => {
  const names = 'Höhle “прямой” 直播 שידור 🎥 {"a": "\\n"}'
  expect(harmless(names)).toBe(names)
})
