import { describe, expect, it } from 'vitest'
import { Lateness } from '../../src/edge/lateness.ts'

describe('lateness', () => {
  it('is what a frame took longer than the quickest one, whatever the clocks say', () => {
    const lateness = new Lateness()
    expect(lateness.note(1_000_000, 50)).toBe(0)
    expect(lateness.note(1_000_040, 92)).toBe(2)
    expect(lateness.note(1_000_080, 129)).toBe(0)
    expect(lateness.note(1_000_120, 170)).toBe(1)
  })

  it('forgets how quick the way was once, so that clocks may drift', () => {
    const lateness = new Lateness()
    for (let now = 0; now < 600_000; now += 100) expect(lateness.note(now * 0.99, now)).toBeLessThan(601)
  })

  it('is known after a time without frames, however long', () => {
    const lateness = new Lateness()
    for (let now = 0; now < 100_000; now += 100) lateness.note(now, now)
    expect(lateness.note(100_000, 400_000)).toBe(300_000)
    expect(lateness.note(101_000, 400_001)).toBe(299_001)
    expect(lateness.note(400_000, 400_002)).toBe(2)
  })
})
