import { expect, it } from 'vitest'
import { SourceClock } from '../../src/browser/publisher/source-clock.ts'

it('takes the smallest delay for the true one', () => {
  const clock = new SourceClock()
  // A camera that counts since the machine has started: 3,959,900 ms when the page's clock shows 3,500.
  const begun = 3_956_400
  for (const [at, late] of [
    [3_500, 90],
    [3_533, 12],
    [3_567, 45],
  ] as const) {
    clock.see(at + begun, at + late)
  }
  expect(clock.at(3_600 + begun)).toBeCloseTo(3_612, 1)
})

it('follows a clock that runs slower, without jumps', () => {
  const clock = new SourceClock()
  let [before, farthest, longest] = [0, 0, 0]
  for (let at = 0; at < 600_000; at += 20) {
    // 100 ppm: 60 ms in ten minutes.
    const timestamp = at * 0.9999
    clock.see(timestamp, at)
    longest = Math.max(longest, clock.at(timestamp) - before)
    before = clock.at(timestamp)
    farthest = Math.max(farthest, Math.abs(before - at))
  }
  expect(longest).toBeLessThan(21)
  expect(farthest).toBeLessThan(1)
})

it('follows a clock that runs faster', () => {
  const clock = new SourceClock()
  let farthest = 0
  for (let at = 0; at < 600_000; at += 20) {
    clock.see(at * 1.0001, at)
    farthest = Math.max(farthest, Math.abs(clock.at(at * 1.0001) - at))
  }
  expect(farthest).toBeLessThan(1)
})

it('begins again when the source counts from another moment', () => {
  const clock = new SourceClock()
  clock.see(1_000, 1_010)
  clock.see(0, 60_000)
  expect(clock.at(0)).toBe(60_000)
})
