import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SequenceSet } from '../../src/wire/sequence-set.ts'

it('holds what was added, in whatever order', () => {
  const number = fc.integer({ min: 1, max: 60 })
  const step = fc.record({ number, upTo: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const set = new SequenceSet(1_000)
      const model = new Set([0])
      for (const { number, upTo } of steps) {
        if (upTo && number > 50) {
          set.addUpTo(number - 50)
          for (let each = 0; each <= number - 50; each += 1) model.add(each)
        } else {
          expect(set.add(number)).toBe(!model.has(number))
          model.add(number)
        }
        for (let each = 0; each <= 61; each += 1) expect(set.has(each)).toBe(model.has(each))
        let cumulative = 0
        while (model.has(cumulative + 1)) cumulative += 1
        expect(set.cumulative).toBe(cumulative)
        let before = cumulative
        for (const { first, last } of set.ranges) {
          expect(first).toBeGreaterThan(before + 1)
          before = last
        }
      }
    }),
  )
})

it('has no room for more ranges than it may have', () => {
  const set = new SequenceSet(2)
  expect([3, 5, 7, 6, 4].map(number => set.add(number))).toEqual([true, true, false, true, true])
  expect(set.ranges).toEqual([{ first: 3, last: 6 }])
})
