import { expect, it } from 'vitest'
import { PollingByte } from '../src/polling-byte.ts'

it('asks for patience after ten polls in vain, and for none when something moves', () => {
  const polling = new PollingByte()
  const empties = (count: number): number[] => Array.from({ length: count }, () => polling.empty())
  expect(empties(10)).toEqual(Array(10).fill(0x01))
  expect(empties(7)).toEqual([0x03, 0x05, 0x09, 0x11, 0x21, 0x21, 0x21])
  expect(polling.busy()).toBe(0x01)
  expect(empties(11).at(-1)).toBe(0x03)
})
