import { describe, expect, it } from 'vitest'
import { Rate } from '../../src/peer/rate.ts'

/** After these looks at the counter. */
function rate(...looks: [bytes: number, now: number][]): number | undefined {
  const rate = new Rate(0, 0)
  for (const [bytes, now] of looks) rate.look(bytes, now)
  return rate.bitsPerSecond
}

describe('a rate', () => {
  it('is unknown within the first second', () => expect(rate([500, 10], [9_000, 999])).toBeUndefined())

  it('is that of the first second to begin with', () => expect(rate([1_000, 1_000])).toBe(8_000))

  it('does not depend on how often it is looked at', () => {
    const often = Array.from({ length: 100 }, (_, i): [number, number] => [i * 100, i * 100])
    expect(rate(...often)).toBeCloseTo(8_000)
    expect(rate([500, 500], [9_900, 9_900])).toBeCloseTo(8_000)
  })

  it('follows a change within seconds, not at once', () => {
    const steady: [number, number] = [10_000, 10_000]
    const after = (seconds: number): [number, number] => [10_000, 10_000 + seconds * 1_000]
    // e^(-1/5) and e^(-5/5) of 8,000.
    expect(rate(steady, after(1))).toBeCloseTo(6_549.85, 1)
    expect(rate(steady, after(5))).toBeCloseTo(2_943.04, 1)
    expect(rate(steady, after(60))).toBeLessThan(1)
  })
})
