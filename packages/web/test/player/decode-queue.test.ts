import { expect, test } from 'vitest'
import { DecodeQueue } from '../../src/browser/player/decode-queue.ts'

/** Pictures 40 ms apart with a keyframe every `group`. */
function pictures(queue: DecodeQueue, from: number, to: number, group: number, queued: number, now: number): string[] {
  return Array.from({ length: to - from }, (_, place) => {
    const at = from + place
    return queue.take(at % group === 0, at * 40, queued, now)
  })
}

test('nothing is decoded before a keyframe', () => {
  const queue = new DecodeQueue()
  expect(pictures(queue, 1, 12, 10, 0, 0)).toEqual([...Array(9).fill('drop'), 'decode', 'decode'])
})

test('a group that comes at once is no sign of a slow decoder', () => {
  const queue = new DecodeQueue()
  expect(pictures(queue, 0, 200, 250, 200, 100)).toEqual(Array(200).fill('decode'))
})

test('a slow decoder leaves out the rest of a group when what waits is longer than that', () => {
  const queue = new DecodeQueue()
  expect(pictures(queue, 0, 51, 50, 0, 0)).not.toContain('drop')
  // 2 s of pictures to the next keyframe are more than 20 pictures that wait.
  expect(pictures(queue, 51, 53, 50, 20, 5_000)).toEqual(['decode', 'decode'])
  expect(pictures(queue, 53, 90, 50, 20, 5_000).indexOf('drop')).toBe(28)
  expect(queue.take(false, 99 * 40, 0, 5_000)).toBe('drop')
  expect(queue.take(true, 100 * 40, 0, 5_000)).toBe('decode')
})

test('at a keyframe, what waits is forgotten', () => {
  const queue = new DecodeQueue()
  pictures(queue, 0, 50, 50, 0, 0)
  expect(queue.take(true, 2_000, 13, 1_999)).toBe('decode')
  expect(queue.take(true, 4_000, 13, 2_000)).toBe('restart')
})

test('what waits is bounded', () => {
  const queue = new DecodeQueue()
  expect(queue.take(true, 0, 0, 0)).toBe('decode')
  expect(queue.take(false, 40, 241, 0)).toBe('drop')
})
