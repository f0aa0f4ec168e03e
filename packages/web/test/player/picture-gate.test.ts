/// <reference lib="dom" />
import { expect, test } from 'vitest'
import { PictureGate } from '../../src/browser/player/picture-gate.ts'
import type { FromPipeline, VideoPicture } from '../../src/browser/player/protocol.ts'

test('pictures that a busy page does not take are closed and counted, until it takes some', () => {
  const told: FromPipeline[] = []
  const gate = new PictureGate(message => void told.push(message))
  const closed: number[] = []
  const show = (time: number) => {
    const frame = { close: () => void closed.push(time) } as unknown as VideoPicture
    gate.post({ type: 'picture', frame, time, arrived: 0 })
  }
  for (let time = 0; time < 100; time += 1) show(time)
  expect(told.length).toBe(60)
  expect(closed).toEqual(Array.from({ length: 40 }, (_, place) => 60 + place))
  gate.taken()
  show(100)
  show(101)
  expect(closed.at(-1)).toBe(101)
  gate.post({ type: 'counts', decoded: 102, dropped: 3 })
  expect(told.slice(60)).toMatchObject([
    { type: 'picture', time: 100 },
    { type: 'counts', decoded: 102, dropped: 44 },
  ])
})
