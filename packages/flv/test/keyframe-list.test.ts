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
