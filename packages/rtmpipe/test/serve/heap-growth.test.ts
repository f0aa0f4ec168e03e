import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PublishInfo } from '@rtmpipe/session'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { afterAll, expect, it } from 'vitest'
import { heapGrowth } from '../../src/serve/heap-growth.ts'

const MB = 1e6

// The other test files of this process get V8's own ways back.
afterAll(() => setFlagsFromString('--heap-growing-percent=0'))

function youngSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}

/** Allocates what lives long, as connections do, and returns the size of the young generation after it. */
function afterAllocating(): number {
  const kept: object[] = []
  for (let count = 0; count < 500_000; count += 1) kept.push({ count, list: [count] })
  expect(kept).toHaveLength(500_000)
  return youngSize()
}

/**
 * Replaces what has lived long, again and again: garbage of the old generation, in a heap of its own.
 *
 * @returns how far that has grown, bytes
 */
async function afterReplacing(): Promise<number> {
  const worker = new Worker(replacing, { eval: true })
  const [largest] = (await once(worker, 'message')) as [number]
  await worker.terminate()
  return largest
}

const replacing = `
  const { getHeapSpaceStatistics } = require('node:v8')
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_size
  const kept = Array.from({ length: 300_000 }, () => [])
  let largest = 0
  for (let count = 0; count < 10 * kept.length; count += 1) {
    kept[count % kept.length] = [count, count, count, count, count, count, count, count]
    if (count % 100_000 === 0) largest = Math.max(largest, size())
  }
  require('node:worker_threads').parentPort.postMessage(largest)
`

// The first: the young generation does not shrink again.
it('keeps the young generation small where datagrams are sent', () => {
  const plugin = heapGrowth({ datagrams: true })
  const before = youngSize()
  void plugin.onPublishStart?.({} as PublishInfo)
  expect(afterAllocating()).toBeLessThanOrEqual(before)
})

it('collects the old generation sooner where datagrams are sent', async () => {
  heapGrowth({ datagrams: true })
  const tight = await afterReplacing()
  setFlagsFromString('--heap-growing-percent=0')
  const free = await afterReplacing()
  expect(tight).toBeLessThan(free * 0.6)
})

it('collects the old generation later in a cluster, where no datagrams are sent', async () => {
  heapGrowth({ cluster: true, datagrams: true })
  const tight = await afterReplacing()
  heapGrowth({ cluster: true })
  expect(tight).toBeLessThan((await afterReplacing()) * 0.6)
})

it('grows only once something is published', () => {
  const plugin = heapGrowth({})
  const before = youngSize()
  expect(afterAllocating()).toBeLessThanOrEqual(before)
  void plugin.onPublishStart?.({} as PublishInfo)
  expect(afterAllocating()).toBeGreaterThan(Math.max(before, 16 * MB))
})
