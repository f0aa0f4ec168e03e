import { expect, it } from 'vitest'
import { KeyframeList } from '../src/keyframe-list.ts'

it('keeps every keyframe while there is room, and then equally spaced ones', () => {
  const list = new KeyframeList(4)
  for (let place = 0; place < 4; place += 1) list.add(place * 10, place)
  expect(list.times).toEqual([0, 1, 2, 3])
  for (let place = 4; place < 20; place += 1) list.add(place * 10, place)
  expect(list.times).toEqual([0, 8, 16])
  expect(list.positions).toEqual([0, 80, 160])
})

it('keeps the first keyframe of every interval', () => {
  const list = new KeyframeList(4, 1_000)
  for (let place = 0; place < 12; place += 1) list.add(place, place * 400)
  // 0, 1200, 2000, 3200, and 4000 for which there is room when every second one is left out.
  expect(list.times).toEqual([0, 2_000, 4_000])
  expect(list.capacity).toBe(4)
})
