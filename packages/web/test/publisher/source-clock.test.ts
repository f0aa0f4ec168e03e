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

/** Ten milliseconds of sound after another, by the count of its samples, each told a little late. */
function hear(clock: SourceClock, from: number, to: number, missing: number) {
  for (let at = from; at < to; at += 10) clock.see(at - missing, at + (at % 30 === 0 ? 0 : 5))
}

it('with patience, what is missing for long is missing', () => {
  const clock = new SourceClock(500)
  hear(clock, 0, 2_000, 0)
  expect(clock.at(1_000)).toBeCloseTo(1_000, 1)
  hear(clock, 2_300, 2_600, 300)
  expect(clock.at(2_000)).toBeLessThan(2_001)
  hear(clock, 2_600, 3_500, 300)
  expect(clock.at(3_000)).toBeCloseTo(3_300, 0)
})

it('what was only late is not missing', () => {
  const clock = new SourceClock(500)
  hear(clock, 0, 2_000, 0)
  // Two seconds stand still, and come at once.
  for (let at = 2_000; at < 4_000; at += 10) {
    clock.see(at, 4_000 + at / 100)
    expect(clock.at(at)).toBeLessThan(at + 1)
  }
  hear(clock, 4_050, 5_000, 0)
  expect(clock.at(5_000)).toBeCloseTo(5_000, 0)
})
