import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Deque } from '../../src/flow/deque.ts'

it('does what an array does, from both ends', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'push', 'shift', 'clear'), { maxLength: 300 }), actions => {
      const deque = new Deque<number>()
      let model: number[] = []
      actions.forEach((action, number) => {
        if (action === 'push') {
          deque.push(number)
          model.push(number)
        } else if (action === 'shift') expect(deque.shift()).toBe(model.shift())
        else if (number % 50 === 0) {
          deque.clear()
          model = []
        }
        expect([deque.length, deque.first, deque.last]).toEqual([model.length, model[0], model.at(-1)])
      })
      expect(model.map((_, index) => deque.at(index))).toEqual(model)
      expect([deque.at(-1), deque.at(model.length)]).toEqual([undefined, undefined])
    }),
  )
})
