import { expect, it } from 'vitest'
import { Timeline } from '../src/index.ts'

it('lasts to the end of the last frame, taken to be as long as the one before', () => {
  const timeline = new Timeline()
  expect([0, 40, 80].map(time => timeline.add('video', time))).toEqual([0, 40, 40])
  expect(timeline.duration).toBe(120)
  expect([0, 21, 21].map(time => timeline.add('audio', time))).toEqual([0, 21, 21])
  expect(timeline.duration).toBe(120)
  timeline.add('audio', 110)
  expect(timeline.duration).toBe(199)
})
