import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pacer } from '../../../src/server/play/pacer.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A pacer, and when it has let the messages through. */
function setUp(bufferLength = 0) {
  const pacer = new Pacer(() => bufferLength)
  const start = performance.now()
  const passed: [timestamp: number, at: number][] = []
  const play = async (...timestamps: number[]) => {
    for (const timestamp of timestamps) {
      await pacer.wait(timestamp)
      passed.push([timestamp, Math.round(performance.now() - start)])
    }
  }
  return { pacer, passed, play }
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

describe('Pacer', () => {
  it('lets messages through at the pace of their timestamps, the first at once', async () => {
    const { passed, play } = setUp()
    void play(5_000, 5_040, 5_040, 6_000)
    await pass(2_000)
    expect(passed).toEqual([
      [5_000, 0],
      [5_040, 40],
      [5_040, 40],
      [6_000, 1_000],
    ])
  })

  it('is ahead by the buffer of the player', async () => {
    const { passed, play } = setUp(500)
    void play(0, 400, 600, 1_500)
    await pass(2_000)
    expect(passed).toEqual([
      [0, 0],
      [400, 0],
      [600, 100],
      [1_500, 1_000],
    ])
  })

  it('knows that time wraps, and lets late messages through at once', async () => {
    const { passed, play } = setUp()
    void play(0xffffffff, 99, 50, 199)
    await pass(500)
    expect(passed).toEqual([
      [0xffffffff, 0],
      [99, 100],
      [50, 100],
      [199, 200],
    ])
  })

  it('paused holds everything, resumed goes on where it was', async () => {
    const { pacer, passed, play } = setUp()
    void play(0, 100, 200)
    await pass(50)
    pacer.pause(true)
    await pass(1_000)
    expect(passed).toEqual([[0, 0]])
    pacer.pause(true)
    pacer.pause(false)
    await pass(1_000)
    expect(passed).toEqual([
      [0, 0],
      [100, 1_100],
      [200, 1_200],
    ])
  })

  it('paused before the first message begins when it is resumed', async () => {
    const { pacer, passed, play } = setUp()
    pacer.pause(true)
    void play(0, 100)
    await pass(1_000)
    pacer.pause(false)
    pacer.pause(false)
    await pass(1_000)
    expect(passed).toEqual([
      [0, 1_000],
      [100, 1_100],
    ])
  })

  it.each([
    ['forwards', 60_000],
    ['backwards', 0],
  ])('restarted goes on from another time, %s', async (_where, timestamp) => {
    const { pacer, passed, play } = setUp()
    void play(1_000, 1_100)
    await pass(200)
    pacer.restart()
    void play(timestamp, timestamp + 100)
    await pass(200)
    expect(passed.slice(2)).toEqual([
      [timestamp, 200],
      [timestamp + 100, 300],
    ])
  })

  it('restarted lets through what waits', async () => {
    const { pacer, passed, play } = setUp()
    void play(0, 10_000)
    await pass(100)
    pacer.restart()
    await pass(0)
    expect(passed).toEqual([
      [0, 0],
      [10_000, 100],
    ])
  })

  it('stopped lets everything through, even when paused', async () => {
    const { pacer, passed, play } = setUp()
    void play(0, 10_000, 20_000)
    await pass(10)
    pacer.pause(true)
    pacer.stop()
    await pass(0)
    expect(passed.map(([timestamp]) => timestamp)).toEqual([0, 10_000, 20_000])
  })
})
