import { expect, it } from 'vitest'
import { TimeCriticalTraffic } from '../../src/session/time-critical.ts'

it('tells of others than the one that asks, for as long as it counts', () => {
  const traffic = new TimeCriticalTraffic()
  const [first, second] = [{}, {}]
  expect(traffic.isSent(0)).toBe(false)
  expect(traffic.isReceivedBeside(first, 0)).toBe(false)
  traffic.received(first, 1_000)
  expect(traffic.isReceivedBeside(first, 1_000)).toBe(false)
  expect(traffic.isReceivedBeside(second, 1_799)).toBe(true)
  expect(traffic.isReceivedBeside(second, 1_800)).toBe(false)
  traffic.received(second, 1_500)
  expect(traffic.isReceivedBeside(first, 2_000)).toBe(true)
  expect(traffic.isReceivedBeside(second, 1_700)).toBe(true)
  expect(traffic.isReceivedBeside(second, 1_900)).toBe(false)
  traffic.sent(3_000)
  expect(traffic.isSent(3_799)).toBe(true)
  expect(traffic.isSent(3_800)).toBe(false)
})
