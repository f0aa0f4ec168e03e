/// <reference lib="dom" />
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Speaker } from '../../src/browser/player/speaker.ts'

/** Waits for a click for ever. */
class FakeContext {
  static opened: FakeContext[] = []
  state = 'suspended'
  readonly sampleRate: number

  constructor({ sampleRate }: { sampleRate: number }) {
    this.sampleRate = sampleRate
    FakeContext.opened.push(this)
  }

  async resume() {}

  async close() {
    this.state = 'closed'
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeContext.opened = []
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal(
    'GainNode',
    class {
      readonly gain = { setTargetAtTime: () => {} }
      connect() {}
    },
  )
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const nothing = () => {}
const open = () => FakeContext.opened.filter(({ state }) => state !== 'closed').map(({ sampleRate }) => sampleRate)

test('a stream that changes its rate again and again gets one AudioContext a second, and the last rate', () => {
  const speaker = new Speaker(nothing, nothing, nothing)
  speaker.muted = false
  speaker.expect({ sampleRate: 48_000, channels: 2 })
  expect(open()).toEqual([48_000])
  for (let change = 0; change < 100; change += 1) {
    speaker.expect({ sampleRate: change % 2 === 0 ? 44_100 : 48_000, channels: 2 })
    expect(open().length).toBeLessThan(2)
    vi.advanceTimersByTime(20)
  }
  vi.advanceTimersByTime(1_000)
  expect(open()).toEqual([48_000])
  expect(FakeContext.opened.length).toBeLessThanOrEqual(4)
  speaker.close()
  expect(open()).toEqual([])
})

test('none is opened for what is over or silent meanwhile', () => {
  const speaker = new Speaker(nothing, nothing, nothing)
  speaker.muted = false
  speaker.expect({ sampleRate: 48_000, channels: 2 })
  speaker.expect({ sampleRate: 44_100, channels: 2 })
  speaker.close()
  vi.advanceTimersByTime(2_000)
  expect(FakeContext.opened.length).toBe(1)
  speaker.expect({ sampleRate: 44_100, channels: 2 })
  speaker.expect({ sampleRate: 48_000, channels: 2 })
  speaker.muted = true
  vi.advanceTimersByTime(2_000)
  expect(open()).toEqual([])
  speaker.close()
})
