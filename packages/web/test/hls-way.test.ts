import { beforeEach, expect, it, vi } from 'vitest'
import { play } from '../src/pages/ways/hls.ts'
import type { Stop } from '../src/pages/ways/video-way.ts'

const fake = vi.hoisted(() => ({ told: new Map<string, (...all: unknown[]) => void>(), destroy: vi.fn() }))

vi.mock('hls.js', () => ({
  default: class {
    static Events = { ERROR: 'error', LEVEL_UPDATED: 'updated' }
    static ErrorTypes = { NETWORK_ERROR: 'network', MEDIA_ERROR: 'media' }
    destroy = fake.destroy
    on(name: string, tell: (...all: unknown[]) => void): void {
      fake.told.set(name, tell)
    }
    loadSource(): void {}
    attachMedia(): void {}
  },
}))

beforeEach(() => {
  vi.useFakeTimers()
  fake.destroy.mockClear()
  return () => vi.useRealTimers()
})

/** A video that has data up to a second, and what is told of it. */
function setUp(buffered: number) {
  const video = Object.assign(new EventTarget(), {
    currentTime: 4,
    paused: false,
    readyState: 2,
    buffered: { length: 1, end: () => buffered },
    play: async () => {},
  })
  const stops: Stop[] = []
  const end = play(video as unknown as HTMLVideoElement, '/live/show/index.m3u8', stop => void stops.push(stop))
  const update = (details: object): void => fake.told.get('updated')?.('updated', { details })
  return { video, stops, end, update }
}

it('has ended when the video stands within the tail of a playlist that has ended', () => {
  const { video, stops, update, end } = setUp(4.2)
  update({ live: true, edge: 4.2 })
  vi.advanceTimersByTime(60_000)
  expect(stops).toEqual([])
  video.currentTime = 4.15
  update({ live: false, edge: 4.24 })
  vi.advanceTimersByTime(2_000)
  expect(stops[0]).toEqual({ type: 'end' })
  end()
})

it('goes on loading what is missing of a playlist that has ended', () => {
  const { stops, update, end } = setUp(4)
  update({ live: false, edge: 9 })
  vi.advanceTimersByTime(60_000)
  expect(stops).toEqual([])
  end()
})

it('begins again when the video stands with data ahead, and looks no more after its end', () => {
  const { stops, end } = setUp(5.2)
  vi.advanceTimersByTime(5_000)
  expect(stops).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(stops).toEqual([{ type: 'lost' }])
  end()
  vi.advanceTimersByTime(60_000)
  expect(stops.length).toBe(1)
  expect(fake.destroy).toHaveBeenCalledOnce()
})
