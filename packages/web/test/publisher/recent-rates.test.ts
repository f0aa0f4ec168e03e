import { expect, it } from 'vitest'
import { RecentRates } from '../../src/browser/publisher/recent-rates.ts'

it('counts the last two seconds', () => {
  const rates = new RecentRates()
  rates.add(0, 1_000_000, true)
  for (let now = 1_000; now < 3_000; now += 100) rates.add(now, 100, now % 200 === 0)
  expect(rates.at(2_999)).toEqual({ bitrate: 8_000, fps: 5 })
  expect(rates.at(10_000)).toEqual({ bitrate: 0, fps: 0 })
})
