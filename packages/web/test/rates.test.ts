import { expect, it } from 'vitest'
import { kept, Rates } from '../src/app/state/rates.ts'

it('keeps the newest values of each row, oldest first', () => {
  const rates = new Rates()
  for (let value = 0; value < kept + 10; value++) rates.add([['a', value]])
  expect(rates.of('a')).toEqual(Array.from({ length: kept }, (_, at) => at + 10))
  expect(rates.of('b')).toEqual([])
})

it('forgets a row that has gone', () => {
  const rates = new Rates()
  rates.add([
    ['a', 1],
    ['b', 2],
  ])
  rates.add([['b', 3]])
  expect(rates.of('a')).toEqual([])
  expect(rates.of('b')).toEqual([2, 3])
})
