import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Due, MergeClock } from '../../src/live/merge-clock.ts'

const window = 20
const tick = window / 8

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] }),
)
afterEach(() => {
  vi.runAllTimers()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

class Stream implements Due {
  /** When it was flushed. */
  readonly times: number[] = []

  flushAt(): void {
    this.times.push(performance.now())
  }
}

it('ends a window in time, and not more than a tick and a timer earlier', () => {
  const clock = new MergeClock(window)
  for (let index = 0; index < 100; index += 1) {
    const stream = new Stream()
    const begin = performance.now()
    clock.later(stream, begin)
    vi.advanceTimersByTime(window)
    expect(stream.times).toHaveLength(1)
    const waited = (stream.times[0] as number) - begin
    expect(waited).toBeLessThanOrEqual(window)
    expect(waited).toBeGreaterThan(window - tick - 1)
    vi.advanceTimersByTime(1 + (index % 7))
  }
})

it('takes one timer for all streams of a tick, however many', () => {
  const clock = new MergeClock(window)
  const streams = Array.from({ length: 100 }, () => new Stream())
  for (const stream of streams) clock.later(stream, performance.now())
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(window)
  for (const { times } of streams) expect(times).toHaveLength(1)
})

it('flushes at the end of the turn, all streams together', () => {
  const clock = new MergeClock(0)
  const streams = [new Stream(), new Stream()]
  for (const stream of streams) clock.soon(stream)
  expect(vi.getTimerCount()).toBe(1)
  vi.runAllTimers()
  for (const { times } of streams) expect(times).toHaveLength(1)
})

it('tells each for which moment it has waited, so that who does so no more can leave it', () => {
  const clock = new MergeClock(window)
  const told: number[] = []
  const due: Due = { flushAt: moment => void told.push(moment) }
  const first = clock.later(due, performance.now())
  const second = clock.soon(due)
  expect(new Set([0, first, second]).size).toBe(3)
  vi.advanceTimersByTime(window)
  expect(told).toEqual([second, first])
  const third = clock.soon(due)
  expect([first, second]).not.toContain(third)
  vi.advanceTimersByTime(window)
  expect(told).toEqual([second, first, third])
})

it('flushes in the next turn what comes while others are flushed', () => {
  const clock = new MergeClock(0)
  const late = new Stream()
  clock.soon({ flushAt: () => void clock.soon(late) })
  vi.advanceTimersToNextTimer()
  expect(late.times).toEqual([])
  vi.advanceTimersToNextTimer()
  expect(late.times).toHaveLength(1)
})
