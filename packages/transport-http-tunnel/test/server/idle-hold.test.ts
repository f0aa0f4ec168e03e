import { expect, it } from 'vitest'
import { IdleHold } from '../../src/server/idle-hold.ts'

it('gets short for a client that waits to send, and long for one that only polls', () => {
  const hold = new IdleHold(10, 250)
  expect(hold.milliseconds).toBe(250)
  const held = (kind: 'send' | 'idle'): number => {
    hold.inVain()
    hold.next(kind)
    return hold.milliseconds
  }
  expect([held('send'), held('send'), held('send')]).toEqual([125, 62.5, 31.25])
  expect([held('send'), held('send'), held('send')]).toEqual([15.625, 0, 0])
  expect([held('idle'), held('idle'), held('idle')]).toEqual([10, 12.5, 15.625])
  // What comes after an answer with data tells nothing.
  hold.next('send')
  hold.next('idle')
  expect(hold.milliseconds).toBe(15.625)
  for (let count = 0; count < 20; count++) held('idle')
  expect(hold.milliseconds).toBe(250)
})
