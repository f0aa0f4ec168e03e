import type { PublishInfo } from '@rtmpipe/session'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { afterAll, expect, it } from 'vitest'
import { heapGrowth } from '../../src/serve/heap-growth.ts'

const MB = 1e6

// The other test files of this process get V8's own ways back.
afterAll(() => setFlagsFromString('--heap-growing-percent=0'))

function sizeOf(space: 'new_space' | 'old_space'): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === space)?.space_size ?? 0
}

/** Allocates what lives long, as connections do, and returns the size of the young generation after it. */
function afterAllocating(): number {
  const kept: object[] = []
  for (let count = 0; count < 500_000; count += 1) kept.push({ count, list: [count] })
  expect(kept).toHaveLength(500_000)
  return sizeOf('new_space')
}

/** Replaces what has lived long, again and again: garbage of the old generation. @returns how far that has grown */
function afterReplacing(): number {
  const kept: number[][] = Array.from({ length: 300_000 }, () => [])
  let largest = 0
  for (let count = 0; count < 10 * kept.length; count += 1) {
    kept[count % kept.length] = [count, count, count, count, count, count, count, count]
    if (count % 100_000 === 0) largest = Math.max(largest, sizeOf('old_space'))
  }
  return largest
}

// The first: the young generation does not shrink again.
it('keeps the young generation small where datagrams are sent', () => {
  const plugin = heapGrowth(true)
  const before = sizeOf('new_space')
  void plugin.onPublishStart?.({} as PublishInfo)
  expect(afterAllocating()).toBeLessThanOrEqual(before)
})

it('collects the old generation sooner where datagrams are sent', () => {
  heapGrowth(true)
  const tight = afterReplacing()
  setFlagsFromString('--heap-growing-percent=0')
  const free = afterReplacing()
  expect(tight).toBeLessThan(free * 0.6)
})

it('grows only once something is published', () => {
  const plugin = heapGrowth(false)
  const before = sizeOf('new_space')
  expect(afterAllocating()).toBeLessThanOrEqual(before)
  void plugin.onPublishStart?.({} as PublishInfo)
  expect(afterAllocating()).toBeGreaterThan(Math.max(before, 16 * MB))
})
