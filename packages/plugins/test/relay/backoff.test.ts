import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from '../../src/relay/backoff.ts'

describe('Backoff', () => {
  it('doubles up to the maximum, and begins again', () => {
    const backoff = new Backoff({ min: 1_000, max: 5_000 }, () => 0)
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
    backoff.reset()
    expect(backoff.next()).toBe(1_000)
  })

  it('takes off up to a half, and no more', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
    fc.assert(
      fc.property(random, fc.integer({ min: 0, max: 200 }), (value, failures) => {
        const exact = new Backoff({}, () => 0)
        const jittered = new Backoff({}, () => value)
        for (let index = 0; index < failures; index += 1) {
          exact.next()
          jittered.next()
        }
        const [full, delay] = [exact.next(), jittered.next()]
        expect(full).toBeLessThanOrEqual(30_000)
        expect(delay).toBeGreaterThanOrEqual(full / 2)
        expect(delay).toBeLessThanOrEqual(full)
      }),
    )
  })

  it('takes no impossible range', () => {
    for (const options of [{ min: 0 }, { min: 5, max: 4 }, { min: Number.NaN }, { max: Infinity }]) {
      expect(() => new Backoff(options)).toThrow(TypeError)
    }
  })
})
