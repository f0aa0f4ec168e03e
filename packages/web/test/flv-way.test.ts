import { beforeEach, expect, it, vi } from 'vitest'
import type { VideoWay } from '../src/pages/ways/video-way.ts'

const fake = vi.hoisted(() => ({
  told: new Map<string, (...all: unknown[]) => void>(),
  destroy: vi.fn(),
}))

vi.mock('mpegts.js', () => ({
  default: {
    LoggingControl: {},
    Events: { ERROR: 'error', LOADING_COMPLETE: 'complete' },
    ErrorTypes: { NETWORK_ERROR: 'network' },
    ErrorDetails: { NETWORK_STATUS_CODE_INVALID: 'status' },
    createPlayer: () => ({
      on: (name: string, tell: (...all: unknown[]) => void) => fake.told.set(name, tell),
      attachMediaElement() {},
      load() {},
      destroy: fake.destroy,
    }),
  },
}))

// By its path: the types of mpegts.js are those for bundlers, which tests are not.
const { play } = await vi.importActual<{ play: VideoWay }>('../src/pages/ways/flv.ts')

beforeEach(() => {
  vi.stubGlobal('location', { href: 'http://127.0.0.1/watch/live/show' })
  vi.useFakeTimers()
  fake.destroy.mockClear()
  return () => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  }
})

it('leaves the video at once, which the next attempt takes', () => {
  const end = play({} as HTMLVideoElement, '/live/show.flv', () => {})
  fake.told.get('complete')?.()
  end()
  expect(fake.destroy).toHaveBeenCalledOnce()
})

it('leaves it soon after it has told of an error', () => {
  const end = play({} as HTMLVideoElement, '/live/show.flv', () => end())
  fake.told.get('error')?.('network', 'status', { code: 404 })
  expect(fake.destroy).not.toHaveBeenCalled()
  vi.runAllTimers()
  expect(fake.destroy).toHaveBeenCalledOnce()
})
