import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BitrateMeter } from '../../src/quotas/bitrate-meter.ts'

describe('BitrateMeter', () => {
  it('lets at once through what may come within the window, and no more', () => {
    const limit = { bitsPerSecond: 8_000, window: 2_000 }
    expect(new BitrateMeter(limit).take(2_000, 0)).toBe(true)
    expect(new BitrateMeter(limit).take(2_001, 0)).toBe(false)
    const meter = new BitrateMeter(limit)
    meter.take(2_000, 0)
    expect(meter.take(1_000, 1_000)).toBe(true)
    expect(meter.take(1, 1_000)).toBe(false)
  })

  it('never stops a stream that keeps to the rate, however unevenly it comes within the window', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 990 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(delays, shifts => {
        // 100 bytes each 100 ms, which is the limit, each up to a second late.
        const times = shifts.map((shift, index) => index * 100 + shift).sort((one, other) => one - other)
        const meter = new BitrateMeter({ bitsPerSecond: 8_000, window: 1_100 })
        for (const time of times) expect(meter.take(100, time)).toBe(true)
      }),
    )
  })

  it('stops a stream beyond the rate, whatever its pieces', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 200, maxLength: 200 })
    fc.assert(
      fc.property(sizes, pieces => {
        const meter = new BitrateMeter({ bitsPerSecond: 80_000, window: 1_000 })
        let [now, bytes] = [0, 0]
        // Twice the rate: each piece comes in half of the time that it may take.
        const isStopped = pieces.some(size => {
          now += size / 20
          bytes += size
          return !meter.take(size, now)
        })
        // Half of it has leaked at most.
        if (bytes > 20_000) expect(isStopped).toBe(true)
        if (isStopped) expect(bytes).toBeGreaterThan(10_000)
      }),
      { examples: [[Array.from({ length: 200 }, () => 1_000)]] },
    )
  })

  it('takes no impossible limits', () => {
    for (const limit of [{ bitsPerSecond: 0 }, { bitsPerSecond: Number.NaN }, { bitsPerSecond: 1, window: 0 }]) {
      expect(() => new BitrateMeter(limit)).toThrow(TypeError)
    }
  })
})
