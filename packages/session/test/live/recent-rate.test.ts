import { VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { LiveStreams } from '../../src/live/live-streams.ts'
import { RecentRate } from '../../src/live/recent-rate.ts'
import { samples } from '@rtmpipe/testing'

describe('RecentRate', () => {
  it('is that of the last ten seconds', () => {
    const rate = new RecentRate()
    expect(rate.bitsPerSecond(0, 0)).toBe(0)
    rate.begin(0)
    // 1,000 bytes a second for 20 s, then 3,000.
    for (let time = 2; time <= 20; time += 2) rate.look(time * 1_000, time * 1_000)
    expect(rate.bitsPerSecond(20_000, 20_000)).toBe(8_000)
    for (let time = 22; time <= 30; time += 2) rate.look(20_000 + (time - 20) * 3_000, time * 1_000)
    expect(rate.bitsPerSecond(50_000, 30_000)).toBe(24_000)
    rate.begin(40_000)
    expect(rate.bitsPerSecond(500, 42_000)).toBe(2_000)
  })

  it('of the first messages is worked out over a second', () => {
    const rate = new RecentRate()
    rate.begin(0)
    expect(rate.bitsPerSecond(1_000, 1)).toBe(8_000)
  })
})

describe('the bit rate of a stream', () => {
  it('follows what is published, and is 0 without a publisher', async () => {
    using clock = new VirtualClock({ now: 0 })
    const streams = new LiveStreams({ mergeWindow: 0 })
    const stream = streams.open('live', 'name')
    expect(stream.bitRate).toBe(0)
    stream.startPublish()
    for (let second = 0; second < 30; second += 1) {
      stream.write(samples.interframe(second * 1_000, second < 15 ? 1_000 : 5_000))
      await clock.advance(1_000)
    }
    expect(stream.bitRate).toBe(40_000)
    stream.endPublish()
    expect(stream.bitRate).toBe(0)
    expect(streams.size).toBe(0)
  })
})
