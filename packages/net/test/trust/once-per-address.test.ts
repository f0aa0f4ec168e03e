import { expect, it } from 'vitest'
import { OncePerAddress } from '../../src/index.ts'

it('tells once of each address', () => {
  const told = new OncePerAddress(() => 0)
  expect(['a', 'a', 'b', 'a'].map(address => told.isFirst(address))).toEqual([true, false, true, false])
})

it('tells of ten addresses in a minute, and of the others when they come again', () => {
  let now = 0
  const told = new OncePerAddress(() => now)
  const many = Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`)
  expect(many.filter(address => told.isFirst(address))).toHaveLength(10)
  now = 60_000
  expect(many.filter(address => told.isFirst(address))).toEqual(many.slice(10))
})

it('remembers a thousand addresses', () => {
  let now = 0
  const told = new OncePerAddress(() => (now += 10_000))
  for (let index = 0; index < 1_001; index += 1) expect(told.isFirst(String(index))).toBe(true)
  expect(told.isFirst('1')).toBe(false)
  expect(told.isFirst('0')).toBe(true)
})
