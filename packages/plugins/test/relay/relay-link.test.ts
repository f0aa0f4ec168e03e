import { silentLogger } from '@rtmpipe/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { destinationOf } from '../../src/relay/destination.ts'
import { RelayLink } from '../../src/relay/relay-link.ts'

/** A link whose attempts are live for so many milliseconds and fail then; and when they began. */
function linkThatLives(duration: number): { link: RelayLink; begun: number[]; states: string[]; end(): void } {
  const [begun, states]: [number[], string[]] = [[], []]
  let isWanted = true
  const link: RelayLink = new RelayLink({
    destination: destinationOf('rtmp://host/app/name'),
    backoff: { min: 1_000, max: 64_000 },
    log: silentLogger,
    isWanted: () => isWanted,
    async attempt(_signal, live) {
      begun.push(performance.now())
      live()
      await new Promise(resolve => setTimeout(resolve, duration))
      throw new Error('cut off')
    },
    changed: () => void states.push(link.state),
  })
  return { link, begun, states, end: () => void (isWanted = false) }
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0))
}

describe('RelayLink', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('waits longer and longer for who says yes and leaves', async () => {
    const { link, begun } = linkThatLives(100)
    link.start()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(gaps(begun)).toEqual([1_100, 2_100, 4_100, 8_100])
    await link.stop()
  })

  it('begins anew with who has stayed', async () => {
    const { link, begun } = linkThatLives(10_000)
    link.start()
    await vi.advanceTimersByTimeAsync(40_000)
    expect(gaps(begun)).toEqual([11_000, 11_000, 11_000])
    const stopped = link.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    await stopped
  })

  it('ends at once when it waits and is not wanted any more, and can be started again', async () => {
    const { link, begun, states, end } = linkThatLives(100)
    link.start()
    await vi.advanceTimersByTimeAsync(500)
    expect(link).toMatchObject({ state: 'waiting', error: 'cut off', failures: 1 })
    link.check()
    expect(link.state).toBe('waiting')
    end()
    link.check()
    await vi.advanceTimersByTimeAsync(0)
    expect(states).toEqual(['connecting', 'live', 'waiting', 'idle'])
    link.start()
    expect([link.state, begun.length]).toEqual(['idle', 1])
  })

  it('does not begin again once it was stopped', async () => {
    const { link, begun } = linkThatLives(100)
    link.start()
    await vi.advanceTimersByTimeAsync(500)
    await link.stop()
    link.start()
    await vi.advanceTimersByTimeAsync(5_000)
    expect([link.state, begun.length]).toEqual(['idle', 1])
  })
})
