import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MediaMessage } from '../src/media-message.ts'
import { RecordingClock, type RecordingClockOptions } from '../src/recording-clock.ts'
import { hex } from './support/hex.ts'

/** Marked with a discontinuity. */
interface Marked {
  readonly mark: number
}

const bodies = {
  sound: [8, 'af01 21'],
  soundHeader: [8, 'af00 1210'],
  sound2: [8, '95 01 6d703461 02 21'],
  picture: [9, '2701 000000 41'],
  pictureHeader: [9, '1700 000000 01'],
  picture2: [9, 'a6 01 61766331 02 000000 41'],
  pictures: [9, 'a6 11 61766331 00 000004 00000041 02 000004 00000041'],
  data: [18, '02 0000'],
} as const

type Kind = keyof typeof bodies

function message(kind: Kind, timestamp: number): MediaMessage {
  const [messageTypeId, body] = bodies[kind]
  return { messageTypeId, messageStreamId: 0, timestamp, payload: hex(body) }
}

/** Times of pictures alone. */
function times(inputs: readonly (number | Marked)[], options?: RecordingClockOptions): number[] {
  const clock = new RecordingClock(options)
  return inputs.map(input =>
    typeof input === 'number'
      ? clock.advance(message('picture', input), false)
      : clock.advance(message('picture', input.mark), true),
  )
}

function timesOf(frames: readonly (readonly [Kind, number, 'mark'?])[], clock = new RecordingClock()): number[] {
  return frames.map(([kind, timestamp, mark]) => clock.advance(message(kind, timestamp), mark !== undefined))
}

test.each<[string, (number | Marked)[], number[]]>([
  ['the first is 0', [5000, 5040, 5080], [0, 40, 80]],
  ['one before the first is 0', [5000, 4990, 5010], [0, 0, 10]],
  ['decreasing ones are held', [0, 40, 30, 35, 80], [0, 40, 40, 40, 80]],
  ['a step back of 10 s is held', [0, 10_000, 0, 10_000, 10_040], [0, 10_000, 10_000, 10_000, 10_040]],
  ['a step of 10 s is a pause', [0, 10_000], [0, 10_000]],
  ['a longer one is another clock', [0, 10_001, 10_041], [0, 10, 50]],
  ['a longer one back is another clock', [0, 9000, 18_000, 7000, 7040], [0, 9000, 18_000, 18_010, 18_050]],
  ['time goes on over the wrap', [4_294_967_290, 14], [0, 20]],
  ['and held ones too', [10, 4_294_967_290, 20], [0, 0, 10]],
  ['half of all time away is another clock', [0, 2 ** 31, 2 ** 31 + 40], [0, 10, 50]],
  ['a mark without a step keeps the pause', [0, 40, { mark: 3040 }, 3080], [0, 40, 3040, 3080]],
  ['a mark with a step back is another clock', [0, 5000, { mark: 0 }, 40], [0, 5000, 5010, 5050]],
  ['a mark with a long step is another clock', [0, 40, { mark: 90_000 }, 90_040], [0, 40, 50, 90]],
  ['a mark on the first says nothing', [{ mark: 700 }, 740], [0, 40]],
])('%s', (_, inputs, expected) => {
  expect(times(inputs)).toEqual(expected)
})

describe('of several tracks', () => {
  test.each<[string, [Kind, number, 'mark'?][], number[]]>([
    [
      'sound that comes ahead of its pictures leaves them their times',
      [
        ['sound', 5000],
        ['sound', 5300],
        ['picture', 5000],
        ['sound', 5320],
        ['picture', 5040],
      ],
      [0, 300, 0, 320, 40],
    ],
    [
      'sound that comes behind has its own time once there is any in the file',
      [
        ['picture', 5000],
        ['sound', 4980],
        ['picture', 5040],
        ['sound', 5010],
      ],
      [0, 0, 40, 10],
    ],
    [
      'each is held where it runs backwards itself',
      [
        ['sound', 0],
        ['sound', 300],
        ['picture', 40],
        ['picture', 20],
        ['sound', 280],
      ],
      [0, 300, 40, 40, 300],
    ],
    [
      'so is each of the same kind',
      [
        ['sound', 0],
        ['sound', 300],
        ['sound2', 0],
        ['picture', 80],
        ['picture2', 40],
        ['pictures', 60],
        ['picture2', 70],
      ],
      [0, 300, 0, 80, 40, 80, 80],
    ],
    [
      'another clock is that of all, after whatever is last',
      [
        ['picture', 0],
        ['sound', 300],
        ['picture', 40],
        ['sound', 90_300],
        ['picture', 90_000],
        ['sound', 90_320],
      ],
      [0, 300, 40, 310, 40, 330],
    ],
    [
      'a mark with a step back of another track is the same clock',
      [
        ['picture', 0],
        ['sound', 300],
        ['picture', 2000, 'mark'],
        ['sound', 2300],
        ['picture', 2040, 'mark'],
      ],
      [0, 300, 2000, 2300, 2040],
    ],
    [
      'a mark on a track that comes late with a step back is another clock',
      [
        ['picture', 0],
        ['picture', 5000],
        ['sound', 0, 'mark'],
        ['picture', 0],
      ],
      [0, 5000, 5010, 5010],
    ],
    [
      'clocks that are hours apart keep each track at its own pace',
      [
        ['sound', 7_200_000],
        ['picture', 0],
        ['sound', 7_200_023],
        ['sound', 7_200_046],
        ['picture', 40],
        ['sound', 7_200_069],
        ['picture', 80],
      ],
      [0, 0, 23, 46, 40, 69, 80],
    ],
    [
      'a jump of one of them is closed, and the other knows nothing of it',
      [
        ['sound', 7_200_000],
        ['picture', 0],
        ['sound', 7_200_100],
        ['picture', 100],
        ['sound', 50],
        ['picture', 200],
        ['sound', 150],
        ['picture', 300],
        ['picture', 9_000_000],
        ['sound', 250],
        ['picture', 9_000_100],
      ],
      // The jump of the sound leads to where the clock of the pictures would have it.
      [0, 0, 100, 100, 100, 200, 150, 300, 310, 250, 410],
    ],
    [
      'a first piece of sound at 0 does not keep the rest apart',
      [
        ['sound', 0],
        ['picture', 3_600_000],
        ['sound', 3_600_023],
        ['picture', 3_600_040],
      ],
      [0, 0, 23, 40],
    ],
    [
      'a picture from the future costs nothing while there is sound to go by',
      [
        ['sound', 0],
        ['picture', 0],
        ['picture', 3_600_000],
        ['sound', 40],
        ['picture', 80],
        ['sound', 80],
      ],
      [0, 0, 10, 40, 80, 80],
    ],
    [
      'a jump to a few seconds before the other clock is no step back on it',
      [
        ['sound', 3_000],
        ['picture', 4_003_000],
        ['sound', 6_000],
        ['picture', 4_006_000],
        ['picture', 3_000],
        ['sound', 6_040],
        ['picture', 3_040],
      ],
      [0, 0, 3_000, 3_000, 3_010, 3_040, 3_050],
    ],
    [
      'pictures that pause go on beside their sound',
      [
        ['picture', 0],
        ...Array.from({ length: 31 }, (_, second): [Kind, number] => ['sound', second * 1_000]),
        ['picture', 30_000],
      ],
      [0, ...Array.from({ length: 31 }, (_, second) => second * 1_000), 30_000],
    ],
  ])('%s', (_, frames, expected) => {
    expect(timesOf(frames)).toEqual(expected)
  })

  test('an hour of clocks far apart, one of which jumps every minute, ends for both at an hour', () => {
    const clock = new RecordingClock()
    let [sounds, pictures] = [0, 0]
    for (let time = 0; time < 3_600_000; time += 20) {
      const jumped = Math.floor(time / 60_000) * 500_000
      sounds = clock.advance(message('sound', 40_000_000 + jumped + time), false)
      if (time % 40 === 0) pictures = clock.advance(message('picture', time), false)
    }
    expect(pictures).toBe(3_599_960)
    expect(Math.abs(sounds - 3_599_980)).toBeLessThanOrEqual(60 * 20)
  })

  test('what is no media has the time of the frame before it, of its own track where there is one', () => {
    const clock = new RecordingClock()
    const beside = (): number[] =>
      (['data', 'soundHeader', 'pictureHeader'] as const).map(kind => clock.beside(message(kind, 7)))
    expect(beside()).toEqual([0, 0, 0])
    timesOf([['sound', 5000]], clock)
    timesOf([['sound', 5300]], clock)
    expect(beside()).toEqual([300, 300, 300])
    timesOf([['picture', 5040]], clock)
    expect(beside()).toEqual([300, 300, 40])
    expect(clock.now).toBe(300)
  })
})

describe('from a start time', () => {
  test('the first is there, and so is what comes before it', () => {
    expect(new RecordingClock({ startTime: 700 }).now).toBe(700)
    expect(times([5000, 5040, 4990, { mark: 0 }, 40], { startTime: 700 })).toEqual([700, 740, 740, 750, 790])
  })

  test('without rebase it is not used', () => {
    expect(new RecordingClock({ startTime: 700, rebase: false }).now).toBe(0)
    expect(times([500, 540], { startTime: 700, rebase: false })).toEqual([500, 540])
  })
})

describe('without rebase', () => {
  test.each<[string, number[], number[]]>([
    ['the first is kept', [5000, 5040], [5000, 5040]],
    ['one before it is held', [5000, 4990, 5010], [5000, 5000, 5010]],
    ['FLV has signed times', [4_294_967_290, 4_294_967_295, 14], [-6, -1, 14]],
  ])('%s', (_, inputs, expected) => {
    expect(times(inputs, { rebase: false })).toEqual(expected)
  })
})

describe('in another file', () => {
  test('the last piece of media is at its start, and the others go on from there', () => {
    const clock = new RecordingClock()
    timesOf(
      [
        ['sound', 5000],
        ['sound', 5300],
        ['picture', 5040],
      ],
      clock,
    )
    expect(clock.beginFile(100)).toBe(100)
    expect(clock.now).toBe(100)
    expect(clock.beside(message('soundHeader', 0))).toBe(100)
    const after = timesOf(
      [
        ['sound', 5020],
        ['sound', 5060],
        ['picture', 5080],
        ['picture', 90_000],
      ],
      clock,
    )
    expect(after).toEqual([100, 120, 140, 150])
  })

  test('what was given before may belong to it, and is its start', () => {
    const clock = new RecordingClock()
    timesOf(
      [
        ['picture', 0],
        ['sound', 0],
        ['sound', 700],
        ['sound', 900],
        ['picture', 800],
      ],
      clock,
    )
    // The sound from 700 on.
    expect(clock.beginFile(0, 700)).toBe(100)
    expect(clock.now).toBe(200)
    const after = timesOf(
      [
        ['sound', 850],
        ['sound', 920],
        ['picture', 840],
        ['picture2', 600],
      ],
      clock,
    )
    expect(after).toEqual([200, 220, 140, 0])
  })

  test('time is its own, however long those before were', () => {
    const clock = new RecordingClock()
    const [day, picture] = [86_400_000, message('picture', 0)]
    const advance = (time: number): number => clock.advance({ ...picture, timestamp: time % 2 ** 32 }, false)
    advance(0)
    for (let file = 0; file < 60; file += 1) {
      expect(clock.beginFile(0)).toBe(0)
      for (let time = 10_000; time <= day; time += 10_000) advance(file * day + time)
      expect(clock.now).toBe(day)
    }
  })

  test.each([-1, 0.5, NaN, 0x8000_0000])('it cannot start at %d', startTime => {
    const error = expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TIMESTAMP' })
    expect(() => new RecordingClock().beginFile(startTime)).toThrow(error)
  })
})

test('past 24.8 days there is no time in FLV', () => {
  const clock = new RecordingClock({ rebase: false })
  expect(timesOf([['picture', 0x7fff_fffe]], clock)).toEqual([0x7fff_fffe])
  expect(timesOf([['picture', 0x7fff_ffff]], clock)).toEqual([0x7fff_ffff])
  expect(() => timesOf([['picture', 0x8000_0000]], clock)).toThrow(
    expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TIMESTAMP' }),
  )
})

test('time of a track never decreases, and is kept between neighbours in order', () => {
  const kind = fc.constantFrom<Kind>('sound', 'sound2', 'picture', 'picture2')
  const input = fc.tuple(kind, fc.oneof(fc.nat(0xffff_ffff), fc.nat(50_000)), fc.boolean())
  const property = fc.property(fc.array(input, { minLength: 1 }), fc.nat(20_000), (inputs, step) => {
    const clock = new RecordingClock()
    const last = new Map<Kind, number>()
    for (const [kind, timestamp, mark] of inputs) {
      const now = clock.advance(message(kind, timestamp), mark)
      expect(now).toBeGreaterThanOrEqual(last.get(kind) ?? 0)
      last.set(kind, now)
      expect(clock.now).toBe(Math.max(...last.values()))
    }
    // Whatever came before: after one jump, its clock is followed to the millisecond.
    const fresh = (inputs.at(-1)![1] + 2 ** 31 - 1) % 2 ** 32
    const base = clock.advance(message('sound', fresh), true)
    const bounded = step % 10_001
    expect(clock.advance(message('picture', (fresh + bounded) % 2 ** 32), false)).toBe(base + bounded)
  })
  fc.assert(property, { numRuns: 300 })
})
