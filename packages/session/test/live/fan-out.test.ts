import type { MessageBatch } from '@rtmpipe/chunk-stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FanOut } from '../../src/live/fan-out.ts'
import { MergeClock } from '../../src/live/merge-clock.ts'
import { samples } from '@rtmpipe/testing'
import { Collector } from '../support/collector.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] }),
)
afterEach(() => {
  // Nothing pending is ever left behind: every test runs dry.
  vi.runAllTimers()
  expect(vi.getTimerCount()).toBe(0)
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function setUp(mergeWindow: number) {
  const fanOut = new FanOut(new MergeClock(mergeWindow))
  const consumer = new Collector()
  fanOut.add(consumer)
  let next = 0
  const push = (count = 1) => {
    for (let index = 0; index < count; index += 1) fanOut.push(samples.audio((next += 1)))
  }
  return { fanOut, consumer, push }
}

/** What is due in this turn of the event loop, no time passing. */
const turn = () => vi.advanceTimersByTime(0)

describe('a quiet line', () => {
  it.each([0, 20])('with a window of %d ms sends in the same turn, and what came in it together', mergeWindow => {
    const { consumer, push } = setUp(mergeWindow)
    push(3)
    expect(consumer.batches).toEqual([])
    turn()
    expect(consumer.batches).toEqual([3])
  })

  it('is one again when a window has passed without a message', () => {
    const { consumer, push } = setUp(20)
    push()
    turn()
    vi.advanceTimersByTime(20)
    push()
    turn()
    expect(consumer.batches).toEqual([1, 1])
  })
})

describe('the merge window', () => {
  it('holds what follows a send, for one window from the first held message on', () => {
    const { consumer, push } = setUp(20)
    push()
    turn()
    vi.advanceTimersByTime(15)
    push()
    vi.advanceTimersByTime(19)
    push(2)
    expect(consumer.timestamps).toEqual([1])
    vi.advanceTimersByTime(1)
    expect(consumer.batches).toEqual([1, 3])
    expect(consumer.timestamps).toEqual([1, 2, 3, 4])
  })

  it('is a whole one after an early flush: the end of the former does not count', () => {
    const { fanOut, consumer, push } = setUp(20)
    push()
    turn()
    push()
    vi.advanceTimersByTime(10)
    fanOut.flush()
    push()
    vi.advanceTimersByTime(17)
    expect(consumer.timestamps).toEqual([1, 2])
    vi.advanceTimersByTime(3)
    expect(consumer.timestamps).toEqual([1, 2, 3])
  })

  it('is measured: how long the oldest message of the last batch waited', () => {
    const { fanOut, push } = setUp(20)
    expect(fanOut.delay).toBeUndefined()
    push()
    turn()
    expect(fanOut.delay).toBeCloseTo(0)
    vi.advanceTimersByTime(5)
    push()
    vi.advanceTimersByTime(15)
    push(2)
    expect(fanOut.delay).toBeCloseTo(0)
    vi.advanceTimersByTime(5)
    expect(fanOut.delay).toBeCloseTo(20)
  })

  it('of 0 sends in every turn', () => {
    const { consumer, push } = setUp(0)
    for (let index = 0; index < 4; index += 1) {
      push(2)
      turn()
    }
    expect(consumer.batches).toEqual([2, 2, 2, 2])
  })

  it('lets no message wait longer than itself, whenever they come', () => {
    const { consumer, push } = setUp(20)
    const sent: number[] = []
    for (let now = 0; now < 300; now += 1) {
      if ((now * 7919) % 13 < 4) {
        push()
        sent.push(now)
      }
      turn()
      vi.advanceTimersByTime(1)
      for (let index = consumer.messages.length; index < sent.length; index += 1)
        expect(now - (sent[index] as number)).toBeLessThan(20)
    }
    vi.advanceTimersByTime(20)
    expect(consumer.messages).toHaveLength(sent.length)
    expect(consumer.batches.length).toBeLessThan(20)
  })
})

/** Two streams of one clock, and time that passes in a turn. Who takes the first one takes so many milliseconds for it. */
function setUpTwo(mergeWindow: number, milliseconds: number) {
  const clock = new MergeClock(mergeWindow)
  const [first, second] = [new FanOut(clock), new FanOut(clock)]
  let spent = 0
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + spent)
  const pass = (time: number) => void (spent += time)
  const consumer = new Collector()
  first.add({ deliver: () => pass(milliseconds) })
  second.add(consumer)
  return { first, second, consumer, pass }
}

describe('two streams of one clock', () => {
  it.each([0, 20])('with a window of %d ms measure from their own oldest message on', mergeWindow => {
    const { first, second, pass } = setUpTwo(mergeWindow, 0)
    first.push(samples.audio(0))
    pass(30)
    second.push(samples.audio(0))
    turn()
    expect(first.delay).toBeCloseTo(30)
    expect(second.delay).toBeCloseTo(0)
  })

  it.each([0, 20])('with a window of %d ms measure what the other took before', mergeWindow => {
    const { first, second } = setUpTwo(mergeWindow, 50)
    for (const fanOut of [first, second]) fanOut.push(samples.audio(0))
    turn()
    expect(first.delay).toBeCloseTo(0)
    expect(second.delay).toBeCloseTo(50)
  })

  it('have windows that follow their own sends, though the other took longer than a window before', () => {
    const { first, second, consumer } = setUpTwo(20, 50)
    for (const fanOut of [first, second]) fanOut.push(samples.audio(0))
    turn()
    second.push(samples.audio(1))
    turn()
    expect(consumer.batches).toEqual([1])
    vi.advanceTimersByTime(20)
    expect(consumer.batches).toEqual([1, 1])
  })
})

describe('a picture that outweighs what is usually sent', () => {
  const picture = (length: number) => ({ ...samples.keyframe(1), payload: Buffer.alloc(length, 0x17) })

  it('takes what waits along and goes at once', () => {
    const { fanOut, consumer, push } = setUp(20)
    push()
    turn()
    push(2)
    fanOut.push(picture(40_000))
    push()
    turn()
    expect(consumer.batches).toEqual([1, 4])
    push()
    turn()
    expect(consumer.batches).toEqual([1, 4])
    vi.advanceTimersByTime(20)
    expect(consumer.batches).toEqual([1, 4, 1])
  })

  it('waits like any other where sends are as long', () => {
    const { fanOut, consumer } = setUp(20)
    for (let index = 0; index < 40; index += 1) {
      fanOut.push(picture(40_000))
      vi.advanceTimersByTime(5)
    }
    const before = consumer.messages.length
    fanOut.push(picture(40_000))
    turn()
    expect(consumer.messages.length).toBe(before)
  })

  it('is none that is short, however little is sent', () => {
    const { fanOut, consumer, push } = setUp(20)
    push()
    turn()
    fanOut.push(picture(10_000))
    turn()
    expect(consumer.batches).toEqual([1])
  })
})

describe('much at once', () => {
  it('does not wait', () => {
    const { fanOut, consumer } = setUp(20)
    for (let timestamp = 0; timestamp < 25; timestamp += 1) fanOut.push(samples.keyframe(timestamp, 100 * 1024))
    expect(consumer.batches).toEqual([11, 11])
    turn()
    vi.advanceTimersByTime(20)
    expect(consumer.batches).toEqual([11, 11, 3])
  })
})

describe('consumers', () => {
  it('all get the very same batch', () => {
    const fanOut = new FanOut(new MergeClock(0))
    const batches: MessageBatch[] = []
    for (let index = 0; index < 3; index += 1) fanOut.add({ deliver: batch => void batches.push(batch) })
    fanOut.push(samples.audio(0))
    turn()
    expect(batches).toHaveLength(3)
    expect(new Set(batches).size).toBe(1)
  })

  it('who come late get nothing that was pending, the others get it at once', () => {
    const { fanOut, consumer, push } = setUp(20)
    push(2)
    const late = new Collector()
    fanOut.add(late)
    expect([consumer.batches, late.batches]).toEqual([[2], []])
    push()
    vi.advanceTimersByTime(20)
    expect([consumer.timestamps, late.timestamps]).toEqual([[1, 2, 3], [3]])
  })

  it('who leave get nothing more', () => {
    const { fanOut, consumer, push } = setUp(20)
    push()
    fanOut.delete(consumer)
    vi.runAllTimers()
    expect([consumer.batches, fanOut.size]).toEqual([[], 0])
  })

  it('who come while a batch is handed out have no part in it; who leave neither', () => {
    const fanOut = new FanOut(new MergeClock(0))
    const [late, leaving] = [new Collector(), new Collector()]
    fanOut.add({
      deliver() {
        fanOut.add(late)
        fanOut.delete(leaving)
      },
    })
    fanOut.add(leaving)
    fanOut.push(samples.audio(1))
    turn()
    expect([late.timestamps, leaving.timestamps]).toEqual([[], []])
    fanOut.push(samples.audio(2))
    turn()
    expect(late.timestamps).toEqual([2])
  })

  it('who are not there cost nothing: nothing is kept and no timer set', () => {
    const fanOut = new FanOut(new MergeClock(20))
    fanOut.push(samples.audio(1))
    expect(vi.getTimerCount()).toBe(0)
    const consumer = new Collector()
    fanOut.add(consumer)
    fanOut.flush()
    expect(consumer.batches).toEqual([])
  })

  it('get what is pending by flush(), and not again', () => {
    const { fanOut, consumer, push } = setUp(20)
    push(2)
    fanOut.flush()
    fanOut.flush()
    vi.runAllTimers()
    expect(consumer.batches).toEqual([2])
  })
})
