import { expect, it } from 'vitest'
import { Congestion, MOST_CHUNK } from '../../src/session/congestion.ts'

const alone = { isAlone: true, isTimeCritical: false, isQueueing: false }
const critical = { isAlone: false, isTimeCritical: true, isQueueing: false }
const yielding = { isAlone: false, isTimeCritical: false, isQueueing: false }
const FIRST = 10 * MOST_CHUNK
const MOST = 1_000_000

/** After the first growth, with a window of 35,000 bytes. */
function grown(): Congestion {
  const congestion = new Congestion(MOST)
  while (congestion.window < 40_000) congestion.onAck(MOST_CHUNK, congestion.window, alone)
  congestion.onLoss(congestion.window, critical)
  return congestion
}

it.each([
  { name: 'the first growth', sharing: alone, acknowledged: 1_000, growth: 1_000 },
  { name: 'not more than a chunk for each packet', sharing: alone, acknowledged: 5_000, growth: MOST_CHUNK },
  { name: 'time critical data grows by a quarter', sharing: critical, acknowledged: 1_001, growth: 251 },
  { name: 'beside others of it slowly', sharing: yielding, acknowledged: 1_000, growth: 50 },
])('before any loss: $name', ({ sharing, acknowledged, growth }) => {
  const congestion = new Congestion(MOST)
  congestion.onAck(acknowledged, FIRST, sharing)
  expect(congestion.window).toBeCloseTo(FIRST + growth)
})

it('what is not used does not grow', () => {
  const congestion = new Congestion(MOST)
  congestion.onAck(1_000, FIRST - 1, alone)
  expect(congestion.window).toBe(FIRST)
})

it.each([
  { name: 'without a queue', sharing: alone, share: 1.5 },
  { name: 'without a queue, time critical', sharing: critical, share: 1.5 },
  { name: 'with a queue', sharing: { ...alone, isQueueing: true }, share: 1 },
  { name: 'with a queue, time critical', sharing: { ...critical, isQueueing: true }, share: 0.53 },
  { name: 'beside time critical data', sharing: yielding, share: 0.5 },
])('chunks that are gained each round trip after a loss $name', ({ sharing, share }) => {
  const congestion = grown()
  const before = congestion.window
  for (let acknowledged = 0; acknowledged < before; acknowledged += 1_000)
    congestion.onAck(1_000, congestion.window, sharing)
  expect(congestion.window - before).toBeGreaterThan(share * MOST_CHUNK * 0.95)
  expect(congestion.window - before).toBeLessThan(share * MOST_CHUNK * 1.05)
})

it.each([
  { name: 'by chance', isQueueing: false, sharing: alone, kept: 7 / 8 },
  { name: 'of a full queue', isQueueing: true, sharing: alone, kept: 0.5 },
  { name: 'of a full queue, time critical', isQueueing: true, sharing: critical, kept: 0.7 },
])('a loss $name', ({ isQueueing, sharing, kept }) => {
  const congestion = grown()
  const before = congestion.window
  congestion.onLoss(before, { ...sharing, isQueueing })
  expect(congestion.window).toBeCloseTo(before * kept)
  expect(congestion.isStarting).toBe(false)
})

it('is never cut below what A.2 begins with, nor grows above its limit', () => {
  const congestion = grown()
  for (let count = 0; count < 100; count += 1) congestion.onLoss(congestion.window, { ...alone, isQueueing: true })
  expect(congestion.window).toBe(4_380)
  const limited = new Congestion(20_000)
  for (let count = 0; count < 100; count += 1) limited.onAck(1_000, limited.window, alone)
  expect(limited.window).toBe(20_000)
})

it('a timeout with a loss leaves one chunk, and a fast way back to three quarters', () => {
  const congestion = grown()
  const before = congestion.window
  congestion.onTimeout(true)
  expect(congestion.window).toBe(MOST_CHUNK)
  expect(congestion.isStarting).toBe(true)
  for (let acknowledged = MOST_CHUNK; congestion.isStarting; acknowledged += MOST_CHUNK) {
    expect(congestion.window).toBe(acknowledged)
    congestion.onAck(MOST_CHUNK, congestion.window, critical)
  }
  expect(congestion.window).toBeGreaterThanOrEqual(before * 0.75)
  expect(congestion.window).toBeLessThan(before + MOST_CHUNK)
})

it('a timeout without one only forgets what was grown', () => {
  const congestion = grown()
  congestion.onTimeout(false)
  expect(congestion.window).toBe(FIRST)
  expect(congestion.canSend(FIRST - 1)).toBe(true)
  expect(congestion.canSend(FIRST)).toBe(false)
})
