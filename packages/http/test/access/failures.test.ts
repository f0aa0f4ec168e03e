import { describe, expect, it } from 'vitest'
import { FailureTable } from '../../src/access/failures.ts'

describe('FailureTable', () => {
  it('has an address wait for the rest of its minute', () => {
    let now = 0
    const table = new FailureTable(() => now)
    for (let time = 0; time < 9; time++) expect(table.add('one')).toBe(false)
    expect(table.wait('one')).toBe(0)
    now = 20_000
    expect(table.add('one')).toBe(true)
    expect(table.add('one')).toBe(false)
    expect(table.wait('one')).toBe(40)
    expect(table.wait('two')).toBe(0)
    now = 60_000
    expect(table.wait('one')).toBe(0)
  })

  it('remembers ten thousand addresses, those that failed last', () => {
    const table = new FailureTable(() => 0)
    for (let time = 0; time < 10; time++) table.add('stubborn')
    for (let address = 0; address < 9_999; address++) table.add(`${address}`)
    expect(table.size).toBe(10_000)
    expect(table.wait('stubborn')).toBe(60)
    table.add('one more')
    expect(table.size).toBe(10_000)
    expect(table.wait('stubborn')).toBe(0)
  })
})
