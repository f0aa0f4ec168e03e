import { MessageType } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { FrameFlag } from '../../src/wire/frame.ts'
import { offering } from './offering.ts'

describe('OfferedStream, when the network lags', () => {
  async function lagging() {
    const offer = offering()
    offer.bus.answersFlushes = false
    const one = offer.edge()
    one.join()
    await offer.write(samples.metadata(), samples.videoHeader(), samples.audioHeader(), samples.keyframe(0))
    await offer.bus.answer()
    return { ...offer, one }
  }

  it('leaves out pictures to the next keyframe after the network has caught up, and nothing else', async () => {
    const { bus, clock, write, one, offered, leftOut } = await lagging()
    for (let count = 0; count < 25; count += 1) await write(samples.interframe(40 + count, 100_000))
    expect(one.live.size).toBe(29)
    clock.advance(100)
    await write(
      samples.interframe(100),
      samples.audio(101),
      samples.keyframe(110),
      samples.metadata(),
      samples.videoHeader(111),
    )
    await write(samples.audio(112))
    expect(one.frames.slice(-2)).toMatchObject([
      {
        flags: FrameFlag.AudioOnly | FrameFlag.Discontinuity,
        seq: 30,
        messages: [{ timestamp: 101, discontinuity: true }, {}, {}],
      },
      { flags: FrameFlag.AudioOnly, messages: [{ timestamp: 112 }] },
    ])
    await bus.answer()
    await write(samples.interframe(120), samples.audio(121))
    expect(one.frames.at(-1)).toMatchObject({ flags: FrameFlag.AudioOnly, messages: [{ timestamp: 121 }] })
    await write(samples.keyframe(130), samples.interframe(131))
    expect(one.frames.at(-1)).toMatchObject({
      flags: FrameFlag.Key | FrameFlag.Discontinuity,
      messages: [{ timestamp: 130, discontinuity: true }, { timestamp: 131 }],
    })
    expect(offered.dropped).toBe(3)
    const pictures = [samples.interframe(100), samples.keyframe(110), samples.interframe(120)]
    const bytes = pictures.reduce((sum, { payload }) => sum + payload.length, 0)
    expect(leftOut).toEqual({ messages: 3, bytes })
    // What is left out has no number: for who follows there is no hole but the marked one.
    expect(() => one.seen()).not.toThrow()
  })

  it('does so when the network has not answered for a second, however little it was', async () => {
    const { clock, write, one } = await lagging()
    await write(samples.audio(0))
    clock.advance(150)
    await write(samples.interframe(20))
    clock.advance(999)
    await write(samples.interframe(40))
    expect(one.frames.at(-1)).toMatchObject({ flags: 0, messages: [{ timestamp: 40 }] })
    clock.advance(1)
    await write(samples.interframe(60), samples.audio(61))
    expect(one.frames.at(-1)).toMatchObject({ messages: [{ timestamp: 61 }] })
  })

  it('lets a burst pass, of which the network has had no time to answer', async () => {
    const { write, one } = await lagging()
    await write(samples.keyframe(40, 3_000_000), samples.interframe(80), samples.audio(81))
    expect(one.live.size).toBe(7)
  })

  it('does not hold more than 16 MB of pictures, in whatever time', async () => {
    const { write, one } = await lagging()
    for (let count = 0; count < 30; count += 1) await write(samples.keyframe(count, 1_000_000), samples.audio(count))
    const bytes = [...one.live.values()].reduce((sum, { payload }) => sum + payload.length, 0)
    expect(bytes).toBeLessThan(18_000_000)
    expect([...one.live.values()].filter(({ messageTypeId }) => messageTypeId === MessageType.Audio).length).toBe(31)
  })

  it('makes no snapshot meanwhile: who joins waits, and is served when it has caught up', async () => {
    const { bus, clock, write, edge } = await lagging()
    for (let count = 0; count < 25; count += 1) await write(samples.interframe(40 + count, 100_000))
    clock.advance(100)
    const two = edge()
    two.join()
    expect(two.answers).toMatchObject([{ mode: 'shared' }])
    clock.advance(100)
    expect(two.snapshots).toEqual([])
    await bus.answer()
    clock.advance(20)
    expect(two.snapshots).toMatchObject([{ isShared: true }])
  })

  it('leaves out no pictures because of a snapshot', async () => {
    const { clock, write, one, edge } = await lagging()
    await write(samples.keyframe(40, 1_900_000))
    const two = edge()
    clock.advance(20)
    two.join()
    clock.advance(90)
    await write(samples.interframe(60))
    expect(one.frames.at(-1)).toMatchObject({ flags: 0, messages: [{ timestamp: 60 }] })
  })

  it('sends nothing while there is no connection, which shows as a hole', async () => {
    const { bus, write, one } = await lagging()
    bus.isUp = false
    await write(samples.audio(10), samples.videoHeader(11))
    bus.isUp = true
    await write(samples.audio(20))
    expect(one.live.has(5)).toBe(false)
    expect(one.live.get(7)?.timestamp).toBe(20)
    expect(() => one.seen()).toThrow('message 5 is missing')
    expect(one.frames.at(-1)).toMatchObject({ headers: 4 })
  })
})
