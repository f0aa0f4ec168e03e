import { describe, expect, it } from 'vitest'
import { Hop, Hops } from '../../src/origin/hop.ts'
import { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'

function lagging(): { bus: TestBus; clock: TestClock; hop: Hop } {
  const bus = new TestBus()
  bus.answersFlushes = false
  const clock = new TestClock()
  return { bus, clock, hop: new Hop(bus, clock) }
}

const frame = Buffer.alloc(64 * 1024)

describe('Hop', () => {
  it('asks for an answer every 256 KB, and every 100 ms', () => {
    const { bus, clock, hop } = lagging()
    hop.publish('a', frame)
    expect(bus.unanswered).toBe(1)
    for (let count = 0; count < 3; count += 1) hop.publish('a', frame)
    expect(bus.unanswered).toBe(1)
    hop.publish('a', frame)
    expect(bus.unanswered).toBe(2)
    clock.advance(99)
    hop.publish('a', Buffer.alloc(1))
    expect(bus.unanswered).toBe(2)
    clock.advance(1)
    hop.publish('a', Buffer.alloc(1))
    expect(bus.unanswered).toBe(3)
  })

  it('has room again as the answers come, the oldest first', async () => {
    const { bus, clock, hop } = lagging()
    for (let count = 0; count < 41; count += 1) hop.publish('a', frame)
    expect(hop.isFull).toBe(false)
    clock.advance(100)
    expect(hop.isFull).toBe(true)
    await bus.answer(2)
    expect(hop.isFull).toBe(true)
    await bus.answer(2)
    expect(hop.isFull).toBe(false)
  })

  it('counts nothing of a connection that has ended', async () => {
    const { bus, clock, hop } = lagging()
    for (let count = 0; count < 41; count += 1) hop.publish('a', frame)
    clock.advance(1_000)
    expect(hop.isFull).toBe(true)
    await bus.cut()
    expect(hop.isFull).toBe(false)
    expect(hop.hasRoomForSnapshot).toBe(true)
  })

  it('is closed while there is no connection, and past 20 MB', () => {
    const { bus, hop } = lagging()
    bus.isUp = false
    expect(hop.isOpen).toBe(false)
    bus.isUp = true
    for (let count = 0; count < 319; count += 1) hop.publish('a', frame)
    expect(hop.isOpen).toBe(true)
    hop.publish('a', frame)
    expect(hop.isOpen).toBe(false)
  })

  it('has room for one long snapshot at a time', async () => {
    const { bus, hop } = lagging()
    for (let count = 0; count < 32; count += 1) hop.publish('a', frame, true)
    expect(hop.hasRoomForSnapshot).toBe(false)
    expect(hop.isFull).toBe(false)
    await bus.answer()
    expect(hop.hasRoomForSnapshot).toBe(true)
  })

  it('is one for all streams of a connection', () => {
    const hops = new Hops(new TestClock())
    const [one, two] = [new TestBus(), new TestBus()]
    expect(hops.of(one)).toBe(hops.of(one))
    expect(hops.of(one)).not.toBe(hops.of(two))
  })
})
