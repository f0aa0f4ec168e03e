import { expect, it } from 'vitest'
import { Congestion } from '../../src/browser/publisher/congestion.ts'

it('leaves pictures out while more than two wait for the encoder, at the same bit rate', () => {
  const congestion = new Congestion(2_000_000)
  const admitted = [0, 1, 2, 3, 4, 2].map((waiting, at) => congestion.admits(at * 33, waiting, false))
  expect(admitted).toEqual([true, true, true, false, false, true])
  expect(congestion.bitrate).toBe(2_000_000)
  expect(congestion.dropped).toBe(2)
  expect(congestion.slow).toBeUndefined()
})

it('leaves pictures out while the line is full, and lowers the bit rate once a second, to a tenth at least', () => {
  const congestion = new Congestion(1_000_000)
  const rates = [0, 500, 999, 1_000, 2_000].map(now => {
    expect(congestion.admits(now, 0, true)).toBe(false)
    return congestion.bitrate
  })
  expect(rates).toEqual([700_000, 700_000, 700_000, 490_000, 343_000])
  expect(congestion.slow).toBe('line')
  for (let now = 3_000; now < 30_000; now += 1_000) congestion.admits(now, 0, true)
  expect(congestion.bitrate).toBe(100_000)
})

it('raises it again after five calm seconds, once a second, up to what it was', () => {
  const congestion = new Congestion(1_000_000)
  congestion.admits(0, 0, true)
  const rates = [100, 4_999, 5_000, 5_500, 6_000, 7_000, 8_000, 9_000].map(now => {
    expect(congestion.admits(now, 0, false)).toBe(true)
    return congestion.bitrate
  })
  expect(rates).toEqual([700_000, 700_000, 770_000, 770_000, 847_000, 931_700, 1_000_000, 1_000_000])
  // Trouble again: calm counts from then.
  congestion.admits(9_500, 0, true)
  congestion.admits(10_500, 0, true)
  expect(congestion.bitrate).toBe(490_000)
  congestion.admits(15_499, 0, false)
  expect(congestion.bitrate).toBe(490_000)
  congestion.admits(15_500, 0, false)
  expect(congestion.bitrate).toBe(539_000)
})
