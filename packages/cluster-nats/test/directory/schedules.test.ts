import { describe, expect, it } from 'vitest'
import { DirectorySchedule, type ScheduleOptions } from '../support/directory-schedule.ts'

const kinds: readonly (readonly [string, ScheduleOptions])[] = [
  ['a directory that keeps what it has acknowledged', {}],
  ['a directory that loses what it has acknowledged', { forgets: true }],
  ['publishes that go on without a directory', { whenDirectoryDown: 'local' }],
]

describe('claims while everything goes wrong', () => {
  it.each(kinds)('end with one owner of each name: %s', async (_, options) => {
    const wrong: string[] = []
    let wins = 0
    for (let seed = 1; seed <= 60; seed += 1) {
      const schedule = await new DirectorySchedule(seed, options).run()
      wins += schedule.wins.length
      wrong.push(...schedule.violations.map(each => `seed ${seed}: ${each}`))
    }
    expect(wrong).toEqual([])
    // Else nothing was tried.
    expect(wins).toBeGreaterThan(300)
  })
})
