import { describe, expect, it } from 'vitest'
import { JoinWindow } from '../../src/origin/join-window.ts'
import { TestClock } from '../support/test-clock.ts'

function setUp() {
  const clock = new TestClock()
  const served: string[][] = []
  const listeners = new Set<() => void>()
  const hop = {
    room: true,
    asked: 0,
    get hasRoomForSnapshot() {
      hop.asked += 1
      return hop.room
    },
    whenRoom: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const window = new JoinWindow(clock, hop, waiting => served.push(waiting.map(({ node }) => node)))
  const enter = (node: string) => window.enter({ node, join: 'one' })
  const tell = () => [...listeners].forEach(listener => listener())
  return { clock, hop, window, served, listeners, enter, tell }
}

describe('JoinWindow', () => {
  it('waits for room without looking for it again and again, and serves all who wait as soon as there is some', () => {
    const { clock, hop, served, enter, tell, listeners } = setUp()
    hop.room = false
    expect([enter('a'), enter('b')]).toEqual(['later', 'later'])
    clock.advance(60_000)
    expect(hop.asked).toBeLessThan(5)
    expect(clock.waiting).toBe(0)
    tell()
    expect(served).toEqual([])
    hop.room = true
    tell()
    expect(served).toEqual([['a', 'b']])
    expect(listeners.size).toBe(0)
    clock.advance(20)
    expect(enter('c')).toBe('now')
  })

  it('waits for nothing any more when it is cleared, nor for those who have left', () => {
    const { clock, hop, window, served, enter, tell, listeners } = setUp()
    hop.room = false
    enter('a')
    enter('b')
    clock.advance(20)
    window.leave({ node: 'a', join: 'one' })
    hop.room = true
    tell()
    expect(served).toEqual([['b']])
    hop.room = false
    enter('c')
    clock.advance(20)
    window.clear()
    expect([listeners.size, clock.waiting]).toEqual([0, 0])
  })
})
