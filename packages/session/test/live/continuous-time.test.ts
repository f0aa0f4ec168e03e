import { describe, expect, it } from 'vitest'
import { ContinuousTime } from '../../src/live/continuous-time.ts'
import { samples } from '../../src/testing/index.ts'

const { audio, audioHeader, interframe, keyframe, metadata, videoHeader } = samples

describe('time after a break', () => {
  it.each([0, 5, 10_000_000, 0xfffffff0])('goes on, whatever its frames begin with (%d)', begin => {
    const time = new ContinuousTime()
    time.stamp(keyframe(1_000))
    time.break()
    const messages = [
      metadata(),
      videoHeader(),
      audioHeader(),
      keyframe(begin),
      audio(begin + 20),
      interframe(begin + 40),
    ]
    const stamped = messages.map(message => time.stamp(message))
    expect(stamped.map(({ timestamp }) => timestamp)).toEqual([1_040, 1_040, 1_040, 1_040, 1_060, 1_080])
    expect(stamped.map(({ discontinuity }) => discontinuity === true)).toEqual([true, ...Array<boolean>(5).fill(false)])
  })

  it('is what the messages say when there was none before', () => {
    const time = new ContinuousTime()
    time.break()
    const frame = keyframe(7)
    expect(time.stamp(frame)).toBe(frame)
  })

  it('is forgotten when nobody is there to whom it goes on', () => {
    const time = new ContinuousTime()
    time.stamp(keyframe(1_000))
    time.break()
    time.forget()
    expect(time.stamp(keyframe(0))).toMatchObject({ timestamp: 0 })
  })

  it('goes on after a break without a frame', () => {
    const time = new ContinuousTime()
    time.stamp(keyframe(1_000))
    time.break()
    time.stamp(videoHeader())
    time.break()
    expect(time.stamp(keyframe(500))).toMatchObject({ timestamp: 1_080, discontinuity: true })
  })
})
