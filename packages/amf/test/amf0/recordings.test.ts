import { describe, expect, test } from 'vitest'
import { AmfError, decodeAmf0, encodeAmf0 } from '../../src/index.ts'
import { recordings } from './recordings.ts'

describe.each(recordings)('$name', ({ bytes, values }) => {
  test('is read', () => expect(decodeAmf0(bytes)).toStrictEqual(values))

  test('is written byte for byte', () => expect(encodeAmf0(...values).equals(bytes)).toBe(true))

  test('with any one byte changed is read or an AmfError', () => {
    let read = 0
    let refused = 0
    for (let index = 0; index < bytes.length; index++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index] as number) ^ change
        try {
          decodeAmf0(changed)
          read++
        } catch (error) {
          expect(error).toBeInstanceOf(AmfError)
          refused++
        }
      }
    }
    expect(read).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
})
