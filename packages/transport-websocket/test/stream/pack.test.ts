import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pack } from '../../src/stream/pack.ts'

describe('pack', () => {
  it('does not copy a single piece', () => {
    const piece = Buffer.alloc(100)
    expect(pack([piece])[0]).toBe(piece)
  })

  it('puts small pieces together', () => {
    const messages = pack([Buffer.from('a'), Buffer.from('bc'), Buffer.from('d')])
    expect(messages.map(message => Buffer.from(message).toString())).toEqual(['abcd'])
  })

  it('makes no empty message: that would be the end', () => {
    expect(pack([])).toEqual([])
    expect(pack([Buffer.alloc(0), Buffer.alloc(0)])).toEqual([])
  })

  it.each([
    [[100, 200, 300], 300],
    [[64, 1, 64], 64],
    [[1_000], 64],
    [[10, 1_000, 10, 10], 64],
    [[64, 64, 64], 64],
  ])('of pieces of %j bytes makes messages of at most %i', (lengths, most) => {
    const pieces = lengths.map(length => randomBytes(length))
    const messages = pack(pieces, most)
    expect(Buffer.concat(messages).equals(Buffer.concat(pieces))).toBe(true)
    for (const { length } of messages) {
      expect(length).toBeGreaterThan(0)
      expect(length).toBeLessThanOrEqual(most)
    }
  })
})
