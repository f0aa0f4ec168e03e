import { expect, test } from 'vitest'
import { PictureQueue } from '../../src/browser/player/picture-queue.ts'

function fill(...times: readonly number[]) {
  const closed: number[] = []
  const queue = new PictureQueue<{ time: number; close(): void }>()
  for (const time of times) queue.add({ time, close: () => void closed.push(time) }, time)
  return { queue, closed }
}

test('the newest picture whose time has come is shown, and older ones are closed', () => {
  const { queue, closed } = fill(0, 40, 80, 120)
  expect(queue.take(-1)).toBeUndefined()
  expect(queue.take(90)?.time).toBe(80)
  expect(closed).toEqual([0, 40])
  expect(queue.take(90)).toBeUndefined()
  expect(queue.take()?.time).toBe(120)
  expect(queue.dropped).toBe(2)
})

test('pictures that come in the order of decoding are shown in theirs', () => {
  const { queue } = fill(0, 120, 40, 80)
  expect([0, 40, 80, 120].map(time => queue.take(time)?.time)).toEqual([0, 40, 80, 120])
})

test('when nobody draws, the oldest are closed', () => {
  const times = Array.from({ length: 100 }, (_, place) => place)
  const { queue, closed } = fill(...times)
  expect(queue.length).toBe(40)
  expect(closed).toEqual(times.slice(0, 60))
  queue.clear()
  expect(closed).toEqual(times)
})
