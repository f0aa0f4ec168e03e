import { describe, expect, it } from 'vitest'
import { LiveStreams } from '../../src/live/live-streams.ts'
import { samples, take } from '@rtmpipe/testing'

describe('LiveStream.keepOpen', () => {
  it('keeps who follows, and what late ones begin with, over the end of a publish', async () => {
    const streams = new LiveStreams({ mergeWindow: 0 })
    const stream = streams.open('live', 'show')
    const release = stream.keepOpen()
    stream.startPublish()
    stream.write(samples.videoHeader(0))
    stream.write(samples.keyframe(1_000))
    const early = stream.subscribe({ follow: 'expected' })
    const recorder = stream.subscribe()
    stream.endPublish()
    expect((await recorder.toArray()).length).toBe(2)
    expect([stream.isPublishing, stream.isLive, stream.isIdle]).toEqual([false, true, false])
    expect(streams.get('live', 'show')).toBe(stream)
    const late = stream.subscribe()
    expect((await take(late, 2)).map(({ timestamp }) => timestamp)).toEqual([1_000, 1_000])

    stream.startPublish()
    stream.write(samples.videoHeader(0))
    stream.write(samples.keyframe(0))
    const [header] = await take(late, 1)
    expect(header).toMatchObject({ timestamp: 1_040, discontinuity: true })
    expect((await take(early, 4)).map(({ timestamp }) => timestamp)).toEqual([1_000, 1_000, 1_040, 1_040])
    const latest = stream.subscribe()
    expect((await take(latest, 2)).map(({ timestamp }) => timestamp)).toEqual([1_040, 1_040])
    for (const each of [early, late, latest]) each.destroy()
    stream.endPublish()
    expect(streams.size).toBe(1)
    release()
    expect(streams.size).toBe(0)
  })

  it('ends subscriptions that wait for who is expected, when nobody has come', async () => {
    const stream = new LiveStreams().open('live', 'show')
    const release = stream.keepOpen()
    stream.startPublish()
    const [waiting, following] = [stream.subscribe({ follow: 'expected' }), stream.subscribe({ follow: true })]
    stream.endPublish()
    expect(stream.consumerCount).toBe(2)
    release()
    expect(await waiting.toArray()).toEqual([])
    expect(stream.consumerCount).toBe(1)
    following.destroy()
  })

  it('tells of the end when the last who kept it open lets go, once', async () => {
    const stream = new LiveStreams().open('live', 'show')
    const [one, other] = [stream.keepOpen(), stream.keepOpen()]
    stream.startPublish()
    const told: string[] = []
    const consumer = {
      deliver: () => {},
      publishStarted: () => void told.push('started'),
      publishEnded: () => void told.push('ended'),
    }
    stream.attach(consumer)
    stream.endPublish()
    one()
    one()
    expect(told).toEqual([])
    other()
    expect(told).toEqual(['ended'])
    stream.startPublish()
    stream.endPublish()
    expect(told).toEqual(['ended', 'started', 'ended'])
  })

  it('changes nothing when it is let go while somebody publishes', () => {
    const stream = new LiveStreams().open('live', 'show')
    stream.startPublish()
    stream.keepOpen()()
    expect(stream.isLive).toBe(true)
    stream.endPublish()
    expect(stream.isLive).toBe(false)
  })
})
