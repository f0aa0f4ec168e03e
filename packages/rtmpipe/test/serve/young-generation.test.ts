import type { PublishInfo } from '@rtmpipe/session'
import { getHeapSpaceStatistics } from 'node:v8'
import { expect, it } from 'vitest'
import { youngGeneration } from '../../src/serve/young-generation.ts'

const MB = 1e6

/** Allocates what lives long, as connections do, and returns the size of the young generation after it. */
function afterAllocating(): number {
  const kept: object[] = []
  for (let count = 0; count < 500_000; count += 1) kept.push({ count, list: [count] })
  expect(kept).toHaveLength(500_000)
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}

it('grows only once something is published', () => {
  const plugin = youngGeneration()
  const before = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
  expect(afterAllocating()).toBeLessThanOrEqual(before)
  void plugin.onPublishStart?.({} as PublishInfo)
  expect(afterAllocating()).toBeGreaterThan(Math.max(before, 16 * MB))
})
