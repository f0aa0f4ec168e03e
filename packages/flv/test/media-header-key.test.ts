import { expect, it } from 'vitest'
import { mediaHeaderKey } from '../src/index.ts'

const key = (messageTypeId: number, hex: string): string =>
  mediaHeaderKey({ messageTypeId, payload: Buffer.from(hex, 'hex') })

it('is the same for a header that takes the place of another', () => {
  const avc = key(9, '170000000001640015')
  expect(key(9, '170000000001420015')).toBe(avc)
  // Another codec, and the same track in a message of several.
  expect(key(9, '906876633101')).toBe(avc)
  expect(key(9, '96006876633100aabb')).toBe(avc)
})

it('differs by kind and by track', () => {
  const keys = [
    key(9, '170000000001640015'),
    key(9, '947676633102'),
    key(9, '96006876633101aabb'),
    key(8, 'af001210'),
    key(8, '944f7075730102'),
    key(8, '95006d7034610101'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})
