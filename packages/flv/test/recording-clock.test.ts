import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordingClock, type RecordingClockOptions } from '../src/recording-clock.ts'

/** Marked with a discontinuity. */
interface Marked {
  readonly mark: number
}

function times(inputs: readonly (number | Marked)[], options?: RecordingClockOptions): number[] {
  const clock = new RecordingClock(options)
  return inputs.map(input =>
    typeof input === 'number' ? clock.advance(input, false) : clock.advance(input.mark, true),
  )
}

test.each<[string, (number | Marked)[], number[]]>([
  ['the first is 0', [5000, 5040, 5080], [0, 40, 80]],
  ['one before the first is 0', [5000, 4990, 5010], [0, 0, 10]],
  ['decreasing ones are held', [0, 40, 30, 35, 80], [0, 40, 40, 40, 80]],
  ['a step back of 10 s is held', [0, 10_000, 0, 10_000, 10_040], [0, 10_000, 10_000, 10_000, 10_040]],
  ['a step of 10 s is a pause', [0, 10_000], [0, 10_000]],
  ['a longer one is another clock', [0, 10_001, 10_041], [0, 10, 50]],
  ['a longer one back is another clock', [0, 9000, 18_000, 7000, 7040], [0, 9000, 18_000, 18_010, 18_050]],
  ['time goes on over the wrap', [4_294_967_290, 14], [0, 20]],
  ['and held ones too', [10, 4_294_967_290, 20], [0, 0, 10]],
  ['half of all time away is another clock', [0, 2 ** 31, 2 ** 31 + 40], [0, 10, 50]],
  ['a mark without a step keeps the pause', [0, 40, { mark: 3040 }, 3080], [0, 40, 3040, 3080]],
  ['a mark with a step back is another clock', [0, 5000, { mark: 0 }, 40], [0, 5000, 5010, 5050]],
  ['a mark with a long step is another clock', [0, 40, { mark: 90_000 }, 90_040], [0, 40, 50, 90]],
  ['a mark on the first says nothing', [{ mark: 700 }, 740], [0, 40]],
])('%s', (_, inputs, expected) => {
  expect(times(inputs)).toEqual(expected)
})

describe('from a start time', () => {
  test('the first is there, and so is what comes before it', () => {
    expect(new RecordingClock({ startTime: 700 }).now).toBe(700)
    expect(times([5000, 5040, 4990, { mark: 0 }, 40], { startTime: 700 })).toEqual([700, 740, 740, 750, 790])
  })

  test('without rebase it is not used', () => {
    expect(new RecordingClock({ startTime: 700, rebase: false }).now).toBe(0)
    expect(times([500, 540], { startTime: 700, rebase: false })).toEqual([500, 540])
  })
})

describe('without rebase', () => {
  test.each<[string, number[], number[]]>([
    ['the first is kept', [5000, 5040], [5000, 5040]],
    ['one before it is held', [5000, 4990, 5010], [5000, 5000, 5010]],
    ['FLV has signed times', [4_294_967_290, 4_294_967_295, 14], [-6, -1, 14]],
  ])('%s', (_, inputs, expected) => {
    expect(times(inputs, { rebase: false })).toEqual(expected)
  })
})

test('past 24.8 days there is no time in FLV', () => {
  const clock = new RecordingClock({ rebase: false })
  expect(clock.advance(0x7fff_fffe, false)).toBe(0x7fff_fffe)
  expect(clock.advance(0x7fff_ffff, false)).toBe(0x7fff_ffff)
  expect(() => clock.advance(0x8000_0000, false)).toThrow(
    expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TIMESTAMP' }),
  )
})

test('time never decreases, and is kept between neighbours in order', () => {
  const input = fc.tuple(fc.oneof(fc.nat(0xffff_ffff), fc.nat(50_000)), fc.boolean())
  const property = fc.property(fc.array(input, { minLength: 1 }), fc.nat(20_000), (inputs, step) => {
    const clock = new RecordingClock()
    let last = 0
    for (const [timestamp, mark] of inputs) {
      const now = clock.advance(timestamp, mark)
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    // Whatever came before: after one jump, its clock is followed to the millisecond.
    const fresh = (inputs.at(-1)![0] + 2 ** 31 - 1) % 2 ** 32
    const base = clock.advance(fresh, true)
    const bounded = step % 10_001
    expect(clock.advance((fresh + bounded) % 2 ** 32, false)).toBe(base + bounded)
  })
  fc.assert(property, { numRuns: 300 })
})
