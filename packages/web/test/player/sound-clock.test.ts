import { expect, test } from 'vitest'
import { SoundClock } from '../../src/browser/player/sound-clock.ts'

const report = { plays: true, at: 2, time: 5_000, level: 40, gaps: 0 }

test('what is heard is behind what is played by the latency of the loudspeaker', () => {
  const clock = new SoundClock()
  expect(clock.timeAt(2, 0.03)).toBeUndefined()
  clock.take(report)
  expect(clock.timeAt(2, 0)).toBe(5_000)
  expect(clock.timeAt(2.5, 0.03)).toBeCloseTo(5_470)
})

test('in a gap it stands still, and after a while pictures need not wait for it', () => {
  const clock = new SoundClock()
  clock.take({ ...report, plays: false })
  expect(clock.timeAt(2.01, 0.03)).toBeCloseTo(4_980)
  expect(clock.timeAt(2.1, 0.03)).toBe(5_000)
  expect(clock.timeAt(2.3, 0.03)).toBeUndefined()
  clock.take(report)
  clock.stop()
  expect(clock.timeAt(2, 0)).toBeUndefined()
})

test('a loudspeaker that has not begun says nothing of pictures', () => {
  const clock = new SoundClock()
  clock.take({ ...report, plays: false, time: Number.NaN })
  expect(clock.timeAt(2, 0)).toBeUndefined()
})
