import { expect, test } from 'vitest'
import { collectionFigures } from '../../bench/src/servers/collection-figures.ts'
import { cpuOf } from '../../bench/src/servers/thread-times.ts'

const noted = [
  { at: 10_900, main: 500, others: 100 },
  { at: 11_000, main: 1_000, others: 200 },
  { at: 13_000, main: 1_500, others: 250 },
  { at: 16_000, main: 2_600, others: 300 },
  { at: 16_200, main: 9_000, others: 900 },
]

test('counts what happened within the window, by ten seconds and by CPU', () => {
  const collections = [
    { at: 950, full: true, ms: 70 },
    { at: 1_500, full: false, ms: 10 },
    { at: 2_000, full: true, ms: 58 },
    { at: 6_100, full: true, ms: 70 },
  ]
  const window = { from: 11_000, to: 16_100 }
  // 1,700 ms of CPU in 5 s: 68 in collections on the main thread, 100 on other threads.
  expect(collectionFigures(collections, noted, 10_000, window)).toEqual({
    full: 2,
    cpu_pct: expect.closeTo((100 * 168) / 1_700),
  })
})

test('tells nothing where CPU was not noted', () => {
  expect(collectionFigures([], noted, 10_000, { from: 12_000, to: 14_000 })).toBeUndefined()
  expect(collectionFigures([], [], 10_000, { from: 0, to: 20_000 })).toBeUndefined()
})

test('a server that did nothing collected nothing', () => {
  const still = [1_000, 2_000].map(at => ({ at, main: 5, others: 5 }))
  expect(collectionFigures([], still, 0, { from: 0, to: 3_000 })).toEqual({ full: 0, cpu_pct: 0 })
})

test('reads CPU of a thread whatever its name', () => {
  const stat = '77 (a) b (c) S 1 77 77 0 -1 4194304 900 0 3 0 123 45 0 0 20 0 7 0 5000 1 2 3'
  expect(cpuOf(stat)).toBe(1_680)
})
