import { expect, it } from 'vitest'
import { Winners } from '../../../src/client/fallback/winners.ts'

const minutes = 60_000

it('remembers a way for ten minutes, however often it is used', () => {
  let now = 5
  const winners = new Winners(() => now)
  winners.set('a', 'rtmpt')
  now += 10 * minutes - 1
  winners.set('a', 'rtmpt')
  expect(winners.of('a')).toBe('rtmpt')
  now += 1
  expect(winners.of('a')).toBeUndefined()
  expect(winners.size).toBe(0)
  winners.set('a', 'rtmpt')
  now += minutes
  winners.set('a', 'rtmp')
  now += 9 * minutes
  expect(winners.of('a')).toBe('rtmp')
  winners.forget('a')
  expect(winners.of('a')).toBeUndefined()
})

it('remembers 256 servers, those that came last', () => {
  const winners = new Winners(() => 0)
  for (let index = 0; index < 300; index += 1) winners.set(String(index), 'rtmp')
  expect(winners.size).toBe(256)
  expect([winners.of('43'), winners.of('44')]).toEqual([undefined, 'rtmp'])
})
