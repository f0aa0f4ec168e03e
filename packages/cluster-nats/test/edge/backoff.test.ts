import { describe, expect, it } from 'vitest'
import { Backoff } from '../../src/edge/backoff.ts'

describe('a backoff', () => {
  it('doubles its pauses up to the longest, and begins anew after a success', () => {
    const backoff = new Backoff(100, 2_000, () => 1)
    expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000])
    backoff.reset()
    expect(backoff.next()).toBe(100)
  })

  it('shortens a pause by half at most, by chance', () => {
    expect(new Backoff(100, 2_000, () => 0).next()).toBe(50)
  })
})
