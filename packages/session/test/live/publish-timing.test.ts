import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { StreamTiming } from '../../src/contract/stream-view.ts'
import { LiveStream } from '../../src/live/live-stream.ts'
import { track, tracks, video } from './support/tracks.ts'

const { audio, disposable, interframe, keyframe } = samples

/** A stream that somebody publishes. */
function publishing(...messages: RtmpMessage[]): LiveStream {
  const stream = new LiveStream('live', 'name')
  stream.startPublish()
  for (const message of messages) stream.write(message)
  return stream
}

/** What is told of it, as plain values. */
function told({ timing }: LiveStream): StreamTiming {
  const { gop, clockDrift, gaps, lastGap } = timing
  return { gop, clockDrift, gaps, lastGap }
}

/** A group of pictures 40 ms apart, with audio in between. */
const group = (from: number, pictures: number) =>
  Array.from({ length: pictures }, (_, index) => [
    index === 0 ? keyframe(from) : interframe(from + 40 * index),
    audio(from + 40 * index + 10),
  ]).flat()

describe('the last group of pictures', () => {
  it('is known when the next one begins', () => {
    const stream = publishing(samples.videoHeader(), samples.audioHeader(), ...group(0, 50))
    expect(stream.timing.gop).toBeUndefined()
    stream.write(keyframe(2_000))
    expect(stream.timing.gop).toEqual({ duration: 2_000, pictures: 50 })
    for (const message of [interframe(2_040), disposable(2_080), keyframe(2_120)]) stream.write(message)
    expect(stream.timing.gop).toEqual({ duration: 120, pictures: 3 })
  })

  it('is one picture where each is a keyframe', () => {
    expect(publishing(keyframe(0), keyframe(33), keyframe(66)).timing.gop).toEqual({ duration: 33, pictures: 1 })
  })

  it('goes on over the end of a 32 bit clock', () => {
    const stream = publishing(keyframe(0xffff_ff00), interframe(0xffff_ff28), keyframe(0x100))
    expect(stream.timing.gop).toEqual({ duration: 512, pictures: 2 })
  })

  it.each([
    ['in messages of their own', [0, 500, 1_000], (id: number, at: number) => track.key(id, at), track.inter],
    [
      'that begin later than the default one',
      [20, 500, 1_000],
      (id: number, at: number) => track.key(id, at),
      track.inter,
    ],
  ])('of several tracks %s is that of one of them', (_what, [lag = 0, middle = 0, end = 0], key, inter) => {
    const both = (at: number, make: typeof key) => [make(0, at), make(1, at + (at === 0 ? lag : 0))]
    const stream = publishing(track.header(0), track.header(1), ...both(0, key), ...both(middle, inter))
    for (const message of both(end, key)) stream.write(message)
    expect(stream.timing.gop).toEqual({ duration: 1_000, pictures: 2 })
  })

  it('of many tracks in one message is that message by message', () => {
    const stream = publishing(tracks.header([0, 1]), tracks.key([0, 1], 0), tracks.inter([0, 1], 500))
    stream.write(tracks.key([0, 1], 1_000))
    expect(stream.timing.gop).toEqual({ duration: 1_000, pictures: 2 })
  })

  it('is that of the present publish', () => {
    const stream = publishing(keyframe(0), keyframe(1_000))
    stream.endPublish()
    expect(stream.timing.gop).toEqual({ duration: 1_000, pictures: 1 })
    stream.startPublish()
    expect(stream.timing.gop).toBeUndefined()
  })
})

describe('the publisher’s clock', () => {
  /** Publishes pictures for so many seconds; `late` is by how much each comes after its time. */
  async function publish(
    clock: VirtualClock,
    stream: LiveStream,
    seconds: number,
    at: (elapsed: number) => number,
    late: (index: number) => number = () => 0,
  ): Promise<void> {
    let elapsed = 0
    for (let index = 0; index <= seconds * 10; index += 1) {
      const arrival = index * 100 + late(index)
      if (arrival > elapsed) await clock.advance(arrival - elapsed)
      elapsed = Math.max(elapsed, arrival)
      stream.write(index % 20 === 0 ? keyframe(at(index * 100)) : interframe(at(index * 100)))
    }
  }

  it.each([
    ['as ours does', 1, 0],
    ['fast', 1.01, 600],
    ['slow', 0.99, -600],
  ])('that goes %s', async (_what, speed, drift) => {
    using clock = new VirtualClock()
    const stream = publishing()
    expect(stream.timing.clockDrift).toBeUndefined()
    await publish(clock, stream, 60, elapsed => 5_000 + Math.round(elapsed * speed))
    // The best of the last few seconds counts.
    expect(Math.abs((stream.timing.clockDrift ?? NaN) - drift)).toBeLessThanOrEqual(110)
    expect(stream.timing.gaps).toBe(0)
  })

  it.each([60, 58])('is not mistaken for a network that stalls, after %d s', async seconds => {
    using clock = new VirtualClock()
    const stream = publishing()
    // For three of ten seconds nothing arrives; then all of it comes at once.
    const stalled = (index: number) => (index % 100 >= 50 && index % 100 < 80 ? (80 - (index % 100)) * 100 : 0)
    await publish(clock, stream, seconds, elapsed => elapsed, stalled)
    expect(told(stream)).toMatchObject({ clockDrift: 0, gaps: 0 })
  })

  it('is read from audio where there is no video', async () => {
    using clock = new VirtualClock()
    const stream = publishing()
    for (let index = 0; index <= 200; index += 1) {
      stream.write(audio(index * 101))
      await clock.advance(100)
    }
    // 10 ms in each of twenty seconds, four of which it took to learn where it begins.
    expect(told(stream)).toMatchObject({ clockDrift: 160, gaps: 0 })
  })

  it('is read from few pictures as well, which are no gaps', async () => {
    using clock = new VirtualClock()
    const stream = publishing()
    for (let index = 0; index <= 10; index += 1) {
      stream.write(keyframe(index * 5_000))
      await clock.advance(5_000)
    }
    expect(told(stream)).toMatchObject({ clockDrift: 0, gaps: 0, gop: { duration: 5_000, pictures: 1 } })
    stream.write(keyframe(10_000_000))
    expect(stream.timing.gaps).toBe(1)
  })

  it('is not read from headers, metadata and data', () => {
    const stream = publishing(keyframe(50_000), samples.videoHeader(0), samples.metadata(), samples.audioHeader(0))
    stream.write(interframe(50_040))
    expect(stream.timing.gaps).toBe(0)
  })

  it('that jumps is counted, forth and back, and the time kept', async () => {
    using clock = new VirtualClock({ now: 1_000_000 })
    const stream = publishing(...group(0, 25))
    expect(told(stream)).toMatchObject({ gaps: 0, lastGap: undefined })
    for (const message of group(60_000, 25)) stream.write(message)
    expect(told(stream)).toMatchObject({ gaps: 1, lastGap: new Date(1_000_000) })
    // No group was a minute long.
    expect(stream.timing.gop).toBeUndefined()
    await clock.advance(5_000)
    for (const message of group(10_000, 25)) stream.write(message)
    expect(told(stream)).toMatchObject({ gaps: 2, lastGap: new Date(1_005_000) })
  })

  it('has not drifted by a jump', async () => {
    using clock = new VirtualClock()
    const stream = publishing()
    await publish(clock, stream, 20, elapsed => (elapsed < 10_000 ? elapsed : elapsed + 3_600_000))
    expect(stream.timing.gaps).toBe(1)
    expect(Math.abs(stream.timing.clockDrift ?? NaN)).toBeLessThanOrEqual(100)
  })

  it('has not jumped where audio and video are apart, or one of them pauses', () => {
    const apart = [keyframe(10_000), audio(5_000), interframe(10_040), audio(5_040), interframe(10_080)]
    expect(publishing(...apart).timing.gaps).toBe(0)
    const still = Array.from({ length: 300 }, (_, index) => audio(index * 20))
    expect(publishing(keyframe(0), ...still, interframe(6_000)).timing.gaps).toBe(0)
  })

  it('is not asked about what is neither audio nor video', () => {
    const stream = publishing(video(0, '17 02 00 00 00'))
    expect(told(stream)).toMatchObject({ gop: undefined, gaps: 0 })
  })
})
