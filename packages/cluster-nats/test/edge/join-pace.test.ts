import { describe, expect, it } from 'vitest'
import { type JoinPace, JoinPaces, type JoinTurn } from '../../src/edge/join-pace.ts'
import { maxJoinsAtOnce, maxJoinTime, maxSnapshotsBytes } from '../../src/edge/limits.ts'
import { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'

const megabyte = 1024 * 1024

function setUp(count = 50) {
  const clock = new TestClock()
  const bus = new TestBus()
  const pace: JoinPace = new JoinPaces(clock).of(bus)
  /** Which have begun, in order. */
  const begun: number[] = []
  const turns: JoinTurn[] = []
  const enter = (index: number) => (turns[index] = pace.enter(() => void begun.push(index)))
  for (let index = 0; index < count; index += 1) enter(index)
  return { clock, bus, pace, begun, turns, enter }
}

describe('JoinPace', () => {
  it('lets as many ask at a time as what they begin with fits into what a server holds', () => {
    const { begun, turns, pace } = setUp()
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    turns[0]!.end(2 * megabyte)
    expect(begun).toHaveLength(8)
    for (const index of [1, 2, 3, 4, 5, 6]) turns[index]!.end(2 * megabyte)
    // One and the next: two of 2 MB.
    expect(begun).toHaveLength(9)
    expect(pace.waiting).toBe(41)
    turns[7]!.end(maxSnapshotsBytes * 2)
    expect(begun).toHaveLength(9)
    turns[8]!.end()
    expect(begun).toHaveLength(10)
  })

  it('lets more ask when what comes is small, and never all', () => {
    const { begun, turns } = setUp(200)
    for (let index = 0; index < 40; index += 1) turns[index]!.end(1_000)
    expect(begun).toHaveLength(40 + maxJoinsAtOnce)
  })

  it('does not wait for an origin that is silent, but for one that has answered', () => {
    const { clock, begun, turns } = setUp(20)
    turns[0]!.answered()
    clock.advance(maxJoinTime)
    expect(begun).toHaveLength(8 + 7)
    turns[0]!.end()
    turns[0]!.end()
    expect(begun).toHaveLength(8 + 8)
  })

  it('gives the turn of one who has left to the next', () => {
    const { begun, turns, pace } = setUp(10)
    turns[8]!.end()
    turns[3]!.end()
    expect(begun.at(-1)).toBe(9)
    expect(pace.waiting).toBe(0)
  })

  it('lets few ask after the connection was lost, until it is seen how much comes', () => {
    const { begun, turns, bus, enter } = setUp(8)
    bus.connect()
    for (const turn of turns) turn.end()
    for (let index = 8; index < 20; index += 1) enter(index)
    expect(begun).toHaveLength(8 + 2)
    for (let index = 8; index < 16; index += 1) turns[index]!.end(200_000)
    expect(begun).toHaveLength(20)
  })

  it('counts one again whose answer came late', () => {
    const { clock, begun, turns, enter } = setUp(8)
    clock.advance(maxJoinTime)
    for (const turn of turns.slice(0, 5)) turn.answered()
    for (let index = 8; index < 20; index += 1) enter(index)
    expect(begun).toHaveLength(8 + 3)
    turns[0]!.end(megabyte / 2)
    expect(begun).toHaveLength(8 + 4)
    turns[0]!.answered()
    turns[1]!.end(megabyte / 2)
    expect(begun).toHaveLength(8 + 5)
  })

  it('gives those who have asked in vain half of the places', () => {
    const { clock, begun, pace } = setUp(0)
    const enter = (index: number, isAgain: boolean) => pace.enter(() => void begun.push(index), isAgain)
    for (let index = 0; index < 10; index += 1) enter(index, true)
    expect(begun).toEqual([0, 1, 2, 3])
    enter(100, false)
    expect(begun.at(-1)).toBe(100)
    clock.advance(maxJoinTime)
    expect(begun.slice(-4)).toEqual([4, 5, 6, 7])
  })

  it('does not go deeper with each one that ends as it begins', () => {
    const { begun, turns, pace } = setUp(8)
    for (let index = 8; index < 20_000; index += 1)
      pace.enter(turn => {
        begun.push(index)
        turn.end()
      })
    expect(begun).toHaveLength(8)
    turns[0]!.end()
    expect(begun).toHaveLength(20_000)
  })
})
