import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { ContinuousTime } from '../../src/live/continuous-time.ts'
import { samples } from '@rtmpipe/testing'

/** Times as they come out, those of marked messages with a `!`. */
function stamped(time: ContinuousTime, messages: readonly RtmpMessage[]): readonly string[] {
  return messages.map(message => {
    const { timestamp, discontinuity } = time.stamp(message)
    return `${timestamp}${discontinuity === true ? '!' : ''}`
  })
}

/** As FFmpeg begins: metadata and headers at 0, media at its own time. */
function beginning(at: number): readonly RtmpMessage[] {
  return [
    samples.metadata(),
    samples.videoHeader(0),
    samples.audioHeader(0),
    samples.keyframe(at),
    samples.audio(at + 20),
  ]
}

function after(messages: readonly RtmpMessage[]): ContinuousTime {
  const time = new ContinuousTime()
  stamped(time, messages)
  time.break()
  return time
}

describe('ContinuousTime', () => {
  it('leaves the first beginning as it is', () => {
    const time = new ContinuousTime()
    expect(stamped(time, beginning(3_600_000))).toEqual(['0', '0', '0', '3600000', '3600020'])
  })

  it('goes on from the last frame, though headers come at 0 and media at its own time', () => {
    const time = after(beginning(3_600_000))
    expect(stamped(time, beginning(3_605_000))).toEqual(['3600060!', '3600060', '3600060', '3600060', '3600080'])
    time.break()
    expect(stamped(time, beginning(0))).toEqual(['3600120!', '3600120', '3600120', '3600120', '3600140'])
  })

  it('goes by the first frame, be it sound', () => {
    const time = after(beginning(1_000))
    const messages = [samples.audioHeader(0), samples.audio(7_000), samples.videoHeader(0), samples.keyframe(7_010)]
    expect(stamped(time, messages).filter((_, index) => index !== 2)).toEqual(['1060!', '1060', '1070'])
  })

  it('does not go by empty messages', () => {
    const time = after(beginning(1_000))
    const empty = { ...samples.audio(0), payload: Buffer.alloc(0) }
    expect(stamped(time, [empty, samples.keyframe(7_000)])).toEqual(['1060!', '1060'])
  })

  it('goes on over the end of 32 bits', () => {
    const time = after([samples.keyframe(0xffff_fff0)])
    expect(stamped(time, [samples.metadata(), samples.keyframe(5_000), samples.interframe(5_040)])).toEqual([
      '24!',
      '24',
      '64',
    ])
  })

  it('takes a beginning without a frame for none', () => {
    const time = after([samples.metadata(), samples.videoHeader(0)])
    expect(stamped(time, beginning(5_000))).toEqual(['0', '0', '0', '5000', '5020'])
  })

  it('begins anew when nobody is there to whom it could go on', () => {
    const time = after(beginning(1_000))
    time.forget()
    expect(stamped(time, beginning(0))).toEqual(['0', '0', '0', '0', '20'])
  })

  it.each<[what: string, before: readonly RtmpMessage[], next: string]>([
    [
      'a step back',
      [samples.keyframe(3_600_000), samples.audio(3_600_000), samples.keyframe(0), samples.audio(20)],
      '60!',
    ],
    ['a step back of a stream without sound', [samples.keyframe(3_600_000), samples.keyframe(0)], '40!'],
    [
      'a step back of pictures, when sound has ended before',
      [samples.audio(3_600_000), samples.keyframe(3_600_000), samples.keyframe(80)],
      '120!',
    ],
    ['a picture from the future', [samples.keyframe(0), samples.interframe(90_000_000), samples.interframe(40)], '80!'],
    [
      'sound from the future',
      [samples.audio(0), samples.audio(90_000_000), samples.audio(20), samples.keyframe(0)],
      '60!',
    ],
    ['a picture from the future that is the last', [samples.keyframe(0), samples.interframe(90_000)], '90040!'],
    ['sound that is sent ahead', [samples.keyframe(0), samples.audio(700), samples.interframe(40)], '740!'],
    ['pictures that are sent ahead', [samples.audio(0), samples.keyframe(300), samples.audio(20)], '340!'],
  ])('follows what was sent last: %s', (_what, before, next) => {
    expect(stamped(after(before), [samples.keyframe(500)])).toEqual([next])
  })

  it('headers at 0 in the midst of a later beginning do not come before it', () => {
    const time = after(beginning(1_000))
    stamped(time, beginning(3_600_000))
    expect(stamped(time, [samples.metadata(), samples.videoHeader(3_600_500)])).toEqual(['1060', '1560'])
  })
})
