import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { frameOf } from '../../src/node/frame.ts'

describe('frameOf', () => {
  it.each([
    [1, [0x82, 1]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [65_535, [0x82, 126, 255, 255]],
    [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
    [0, [0x82, 0]],
  ])('of %i bytes begins as RFC 6455 §5.2 says', (length, head) => {
    const bytes = randomBytes(length)
    expect(frameOf(bytes)).toEqual(Buffer.concat([Buffer.from(head), bytes]))
  })

  it('is made once for all who are sent the same bytes', () => {
    const [one, two] = [randomBytes(100), randomBytes(100)]
    expect(frameOf(one)).toBe(frameOf(one))
    expect(frameOf(two)).not.toBe(frameOf(one))
  })
})
