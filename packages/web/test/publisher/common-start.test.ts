import { expect, it } from 'vitest'
import { CommonStart, type MediaKind } from '../../src/browser/publisher/common-start.ts'

/** What comes in, and the timestamps that it gets, in order. */
function run(wanted: readonly MediaKind[], media: readonly (readonly [kind: MediaKind, time: number])[]) {
  const start = new CommonStart(wanted)
  return media.map(([kind, time]) => [start.takes(kind, time), start.timestampOf(kind, time)])
}

it('begins at the first picture for which there is sound', () => {
  expect(
    run(
      ['video', 'audio'],
      [
        ['video', 100],
        ['audio', 130],
        ['audio', 150],
        ['video', 166],
        ['audio', 170],
      ],
    ),
  ).toEqual([
    [false, undefined],
    [true, undefined],
    [true, undefined],
    [true, 0],
    [true, 4],
  ])
})

it('keeps sound that began a little before the picture, and none that began earlier', () => {
  const start = new CommonStart(['video', 'audio'])
  for (const time of [470, 481, 491.5]) start.takes('audio', time)
  start.takes('video', 500)
  expect([470, 481, 491.5, 511.5].map(time => start.timestampOf('audio', time))).toEqual([undefined, undefined, 0, 11])
})

it('begins with what there is, where nothing else is wanted', () => {
  expect(run(['video'], [['video', 7.5]])).toEqual([[true, 0]])
  expect(run(['audio'], [['audio', 7.5]])).toEqual([[true, 0]])
})

it('waits two seconds for the other kind', () => {
  for (const kind of ['video', 'audio'] as const) {
    const times = run(
      ['video', 'audio'],
      [0, 1_000, 1_999, 2_000, 2_033.4].map(time => [kind, time]),
    )
    expect(times.map(([, timestamp]) => timestamp)).toEqual([undefined, undefined, undefined, 0, 33])
  }
})

it('gives timestamps that never go back, for each kind', () => {
  const start = new CommonStart(['video'])
  start.takes('video', 1_000)
  const times = [1_000, 1_033, 1_020, 1_021, 1_066, 900].map(time => start.timestampOf('video', time))
  expect(times).toEqual([0, 33, 34, 35, 66, 67])
  expect(start.timestampOf('audio', 1_001)).toBe(1)
})
