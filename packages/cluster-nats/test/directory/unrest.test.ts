import { describe, expect, it } from 'vitest'
import { promptStart, returnGrace } from '../../src/directory/limits.ts'
import { Unrest } from '../../src/directory/unrest.ts'
import { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'

function setUp(isUp: boolean) {
  const [bus, clock] = [new TestBus(), new TestClock()]
  bus.isUp = isUp
  return { bus, clock, unrest: new Unrest(bus, clock) }
}

describe('Unrest', () => {
  it('begins when the network is there again, and is over when others have had the time to be back', () => {
    const { bus, clock, unrest } = setUp(true)
    expect(unrest.isOver).toBe(true)
    clock.advance(10)
    bus.connect()
    clock.advance(returnGrace - 1)
    expect(unrest.isOver).toBe(false)
    clock.advance(1)
    expect(unrest.isOver).toBe(true)
  })

  it('does not begin with the first connection after the start, but with the second one', () => {
    const { bus, clock, unrest } = setUp(false)
    clock.advance(promptStart / 4)
    bus.connect()
    expect(unrest.isOver).toBe(true)
    clock.advance(promptStart / 4)
    bus.connect()
    expect(unrest.isOver).toBe(false)
  })

  it('is before what was seen later, and not before what was seen in it', () => {
    const { clock, unrest } = setUp(true)
    unrest.note()
    expect(unrest.isBefore(clock.now())).toBe(false)
    clock.advance(1)
    expect(unrest.isBefore(clock.now())).toBe(true)
  })

  it('hears of nothing any more when it has ended', () => {
    const { bus, unrest } = setUp(true)
    unrest.end()
    bus.connect()
    expect(unrest.isOver).toBe(true)
  })
})
