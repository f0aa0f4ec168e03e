import { MessageType } from '@rtmpipe/chunk-stream'
import { VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { PaceStage, type RtmpMessage } from '../src/index.ts'

const at = (timestamp: number): RtmpMessage => ({
  messageTypeId: MessageType.Audio,
  messageStreamId: 1,
  timestamp,
  payload: Buffer.of(0xaf, 1),
})

describe('PaceStage', () => {
  it('lets messages through at the time of their timestamps, from the first one on', async () => {
    using clock = new VirtualClock()
    const stage = new PaceStage()
    const seen: number[] = []
    stage.on('data', ({ timestamp }: RtmpMessage) => seen.push(timestamp))
    for (const timestamp of [5_000, 5_000, 5_040, 5_020, 6_000]) stage.write(at(timestamp))
    stage.end()
    await clock.advance(0)
    expect(seen).toEqual([5_000, 5_000])
    await clock.advance(39)
    expect(seen).toHaveLength(2)
    await clock.advance(1)
    // One that is late does not wait.
    expect(seen).toEqual([5_000, 5_000, 5_040, 5_020])
    await clock.advance(959)
    expect(seen).toHaveLength(4)
    await clock.advance(1)
    expect(seen).toHaveLength(5)
    expect(stage.readableEnded).toBe(true)
  })

  it('begins with the first picture or sound, not with headers at 0', async () => {
    using clock = new VirtualClock()
    const stage = new PaceStage()
    const seen: number[] = []
    stage.on('data', ({ timestamp }: RtmpMessage) => seen.push(timestamp))
    stage.write({ ...at(0), payload: Buffer.of(0xaf, 0, 0x12, 0x10) })
    for (const timestamp of [3_600_000, 3_600_040]) stage.write(at(timestamp))
    await clock.advance(0)
    expect(seen).toEqual([0, 3_600_000])
    await clock.advance(40)
    expect(seen).toEqual([0, 3_600_000, 3_600_040])
  })

  it('goes on where timestamps wrap around', async () => {
    using clock = new VirtualClock()
    const stage = new PaceStage()
    const seen: number[] = []
    stage.on('data', ({ timestamp }: RtmpMessage) => seen.push(timestamp))
    for (const timestamp of [2 ** 32 - 10, 10]) stage.write(at(timestamp))
    await clock.advance(19)
    expect(seen).toHaveLength(1)
    await clock.advance(1)
    expect(seen).toEqual([2 ** 32 - 10, 10])
    stage.destroy()
  })

  it('leaves no timer behind when it is destroyed', async () => {
    using clock = new VirtualClock()
    const stage = new PaceStage().resume()
    for (const timestamp of [0, 60_000]) stage.write(at(timestamp))
    await clock.advance(1)
    stage.destroy()
    await clock.advance(0)
    expect(stage.destroyed).toBe(true)
    await clock.advance(60_000)
    expect(stage.errored).toBeNull()
  })
})
