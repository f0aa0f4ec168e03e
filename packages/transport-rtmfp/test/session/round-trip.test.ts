import { expect, it } from 'vitest'
import { RoundTrip, ticksOf } from '../../src/session/round-trip.ts'

it('begins with what nobody has measured', () => {
  const roundTrip = new RoundTrip()
  expect(roundTrip.smoothed).toBeUndefined()
  expect(roundTrip.leastTimeout).toBe(250)
  expect(roundTrip.timeout).toBe(3_000)
})

it.each([
  { measured: [100], smoothed: 100, least: 100 + 4 * 50 + 200 },
  // The variation is taken from the smoothed value before it takes the new one in.
  { measured: [100, 60], smoothed: 95, least: 95 + 4 * ((3 * 50 + 40) / 4) + 200 },
  { measured: [0], smoothed: 0, least: 200 },
  { measured: [0, 0, 0], smoothed: 0, least: 200 },
])('$measured', ({ measured, smoothed, least }) => {
  const roundTrip = new RoundTrip()
  for (const each of measured) roundTrip.measured(each, 0)
  expect(roundTrip.smoothed).toBe(smoothed)
  expect(roundTrip.leastTimeout).toBe(least)
  expect(roundTrip.timeout).toBe(Math.max(least, 250))
})

it('waits longer when nothing comes, up to ten seconds', () => {
  const roundTrip = new RoundTrip()
  roundTrip.measured(100, 0)
  roundTrip.backOff()
  expect(roundTrip.timeout).toBeCloseTo(500 * Math.SQRT2)
  for (let count = 0; count < 20; count += 1) roundTrip.backOff()
  expect(roundTrip.timeout).toBe(10_000)
  roundTrip.measured(100, 0)
  expect(roundTrip.timeout).toBeLessThan(500)
})

it('takes an echo once, over the end of the clock, and none of the future', () => {
  const roundTrip = new RoundTrip()
  const now = 65_536 * 4 + 40
  expect(ticksOf(now)).toBe(10)
  roundTrip.echoed(65_530, now)
  expect(roundTrip.smoothed).toBe(16 * 4)
  roundTrip.echoed(65_530, now + 400)
  expect(roundTrip.smoothed).toBe(64)
  roundTrip.echoed(11, now)
  expect(roundTrip.smoothed).toBe(64)
})

it('forgets the smallest after a while', () => {
  const roundTrip = new RoundTrip()
  roundTrip.measured(40, 0)
  roundTrip.measured(90, 11_000)
  expect(roundTrip.minimum).toBe(40)
  roundTrip.measured(90, 22_000)
  expect(roundTrip.minimum).toBe(90)
})
