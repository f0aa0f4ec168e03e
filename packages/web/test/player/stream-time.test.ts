import { expect, test } from 'vitest'
import { StreamTime } from '../../src/browser/player/stream-time.ts'

test('the first timestamp is 0, and others count from there', () => {
  const time = new StreamTime()
  expect([90_000, 90_040, 90_020, 90_080].map(each => time.at(each))).toEqual([0, 40, 20, 80])
  expect(time.jumps).toBe(0)
})

test('timestamps of 32 bits begin anew without a jump', () => {
  const time = new StreamTime()
  expect([0xffff_fff0, 0xffff_fffa, 4, 44].map(each => time.at(each))).toEqual([0, 10, 20, 60])
  expect(time.jumps).toBe(0)
})

test('another source goes on where the time has come to', () => {
  const time = new StreamTime()
  expect([0, 60_000 / 10, 0, 40].map(each => time.at(each))).toEqual([0, 6_000, 6_000, 6_040])
  expect(time.jumps).toBe(1)
  expect([3_600_000, 3_600_040].map(each => time.at(each))).toEqual([6_040, 6_080])
  expect(time.jumps).toBe(2)
})

test('a hole of some seconds stays one', () => {
  const time = new StreamTime()
  expect([0, 9_000].map(each => time.at(each))).toEqual([0, 9_000])
  expect(time.jumps).toBe(0)
})

test('after a cut, a time before the newest one is that of another source', () => {
  const time = new StreamTime()
  expect([0, 2_000].map(each => time.at(each))).toEqual([0, 2_000])
  time.cut()
  expect([0, 40, 20].map(each => time.at(each))).toEqual([2_000, 2_040, 2_020])
  time.cut()
  expect(time.at(1_000)).toBe(3_000)
})
