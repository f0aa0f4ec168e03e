import { expect, test } from 'vitest'
import { growth, type MemorySample, notFlat, samplesIn } from '../../bench/src/servers/memory-samples.ts'

function sample(at: number, heapUsed: number, rss = 100e6): MemorySample {
  return { at, heapUsed, external: 5e6, arrayBuffers: 3e6, rss }
}

test('takes the samples of the time in question', () => {
  const lines = [1_000, 2_000, 3_000, 4_000].map(at => `${JSON.stringify(sample(at, 1e6))}\n`).join('')
  expect(samplesIn(lines, 2_000, 3_000).map(({ at }) => at)).toEqual([2_000, 3_000])
})

test('compares medians of the first and the last quarter', () => {
  // A saw: what is between collections does not count as growth.
  const heaps = [20, 90, 20, 500, 500, 500, 500, 500, 500, 30, 22, 21]
  const grown = growth(heaps.map((heap, index) => sample(index, heap * 1e6)))
  expect(grown.heapUsed).toEqual({ first: 20, last: 22 })
  expect(notFlat(grown)).toEqual([])
})

test('names what grows by more than a tenth and 4 MB', () => {
  const flat = { first: 50, last: 55 }
  const all = { heapUsed: flat, external: flat, arrayBuffers: flat, rss: flat }
  expect(notFlat(all)).toEqual([])
  expect(notFlat({ ...all, heapUsed: { first: 50, last: 55.1 } })).toEqual(['not flat: heap from 50.0 to 55.1 MB'])
  // Little things may grow by more than a tenth.
  expect(notFlat({ ...all, external: { first: 3, last: 7 } })).toEqual([])
  expect(notFlat({ ...all, arrayBuffers: { first: 3, last: 7.1 } })).toEqual([
    'not flat: array buffers from 3.0 to 7.1 MB',
  ])
  expect(notFlat({ ...all, rss: { first: 200, last: 150 } })).toEqual([])
})

test('says when there are too few samples', () => {
  expect(() => growth([sample(1, 1), sample(2, 1), sample(3, 1)])).toThrow('3 samples of memory are too few')
})
