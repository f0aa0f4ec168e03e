import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { nobody } from '../../src/contract/bus.ts'
import { FrameFlag, FrameKind } from '../../src/wire/frame.ts'
import { offering, shape } from './offering.ts'

describe('OfferedStream', () => {
  it('reads and sends nothing before the first join', async () => {
    const { clock, stream, write, sent } = offering()
    await write(...sampleStream(20))
    clock.advance(60_000)
    expect(sent()).toBe(0)
    expect(stream.consumerCount).toBe(0)
  })

  it('numbers messages from 1 on, and sends those of a turn in one frame', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0), samples.audio(20), samples.audio(40))
    await write(samples.audio(60))
    expect(one.frames).toMatchObject([
      { kind: FrameKind.Media, seq: 1, messages: [{ timestamp: 0 }, { timestamp: 20 }, { timestamp: 40 }] },
      { kind: FrameKind.Media, seq: 4, messages: [{ timestamp: 60 }] },
    ])
  })

  it('waits for no merge window', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    for (let time = 0; time < 100; time += 20) {
      await write(samples.audio(time))
      expect(one.live.size).toBe(time / 20 + 1)
    }
  })

  it('has the clock of the sender in each frame, and how many headers there were', async () => {
    const { edge, write, clock } = offering()
    const one = edge()
    one.join()
    await write(samples.metadata(), samples.audioHeader(), samples.audio(0))
    clock.advance(100.5)
    await write(samples.audio(20))
    const [first, second] = one.frames
    expect(first).toMatchObject({ headers: 2, sentAt: 1_000 })
    expect(second).toMatchObject({ headers: 2, sentAt: 1_100.5 })
  })

  it('ticks every 500 ms while it is silent, with the number that comes next', async () => {
    const { edge, write, clock } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0))
    clock.advance(499)
    expect(one.frames.length).toBe(1)
    clock.advance(1)
    expect(one.frames.slice(1)).toMatchObject([{ kind: FrameKind.Tick, seq: 2 }])
    clock.advance(400)
    await write(samples.audio(900))
    clock.advance(499)
    expect(one.frames.length).toBe(3)
    clock.advance(1)
    expect(one.frames.at(-1)).toMatchObject({ kind: FrameKind.Tick, seq: 3 })
  })

  it('sends what is longer than a frame in fragments of 256 KB, and snapshots too', async () => {
    const { edge, write, clock, bus } = offering()
    const [one, two] = [edge(), edge()]
    one.join()
    await write(samples.videoHeader(), samples.keyframe(0, 2_000_000), samples.audio(10))
    clock.advance(20)
    two.join()
    expect(Math.max(...bus.published.map(({ payload }) => payload.length))).toBe(256 * 1024)
    expect(one.live.get(2)?.payload.equals(samples.keyframe(0, 2_000_000).payload)).toBe(true)
    expect(one.live.get(3)?.timestamp).toBe(10)
    expect(two.snapshots[0]?.messages[1]?.payload.equals(samples.keyframe(0, 2_000_000).payload)).toBe(true)
  })

  it('fills frames up to 256 KB with what comes in one turn', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(
      samples.videoHeader(),
      samples.keyframe(0),
      ...Array.from({ length: 30 }, (_, i) => samples.interframe(i, 20_000)),
    )
    expect(one.live.size).toBe(32)
    expect(one.frames.length).toBe(3)
  })

  it('ends with the publish, after all that was published', async () => {
    const { edge, stream, offered, clock, bus } = offering()
    const one = edge()
    one.join()
    for (const message of sampleStream(20)) stream.write(message)
    stream.endPublish()
    offered.close()
    expect(shape(one.seen())).toEqual(shape(sampleStream(20)))
    expect(one.frames.at(-1)).toMatchObject({ kind: FrameKind.End, seq: 44, flags: 0 })
    const late = edge()
    late.join()
    expect(late.answers).toEqual([nobody])
    one.gone()
    late.gone()
    expect([bus.subscriptions, clock.waiting, stream.consumerCount]).toEqual([0, 0, 0])
    offered.close()
    expect(one.frames.filter(({ kind }) => kind === FrameKind.End).length).toBe(1)
  })

  it('ends by itself when the stream does', async () => {
    const { edge, stream, write } = offering()
    const one = edge()
    one.join()
    stream.write(samples.audio(0))
    stream.endPublish()
    await write()
    expect(one.frames).toMatchObject([{ seq: 1 }, { kind: FrameKind.End, seq: 2, flags: 0 }])
  })

  it('says when it is not the publish that ends', async () => {
    const { edge, offered } = offering()
    const one = edge()
    one.join()
    offered.close(true)
    expect(one.frames).toMatchObject([{ kind: FrameKind.End, flags: FrameFlag.CutOff }])
  })

  it('tells nobody of its end when nobody has joined', () => {
    const { offered, sent, bus } = offering()
    offered.close()
    expect([sent(), bus.subscriptions]).toEqual([0, 0])
  })

  it('keeps discontinuity marks', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0), { ...samples.audio(20), discontinuity: true }, samples.audio(40))
    expect(one.seen().map(({ discontinuity = false }) => discontinuity)).toEqual([false, true, false])
  })
})
