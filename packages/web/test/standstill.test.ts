import { expect, it } from 'vitest'
import { Standstill } from '../src/pages/ways/standstill.ts'

it('counts looks at a video that stands, also at one that waits for its first picture', () => {
  const standstill = new Standstill()
  const at = (currentTime: number, paused = false, readyState = 4) =>
    standstill.look({ currentTime, paused, readyState })
  expect([at(1), at(2), at(2), at(2), at(2.5)]).toEqual([0, 0, 1, 2, 0])
  expect([at(4, true, 1), at(4, true, 1), at(4, true, 2)]).toEqual([0, 1, 2])
})

it('leaves alone what somebody has paused', () => {
  const standstill = new Standstill()
  const look = () => standstill.look({ currentTime: 7, paused: true, readyState: 3 })
  expect([look(), look(), look()]).toEqual([0, 0, 0])
})
