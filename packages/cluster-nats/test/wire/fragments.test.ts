import { describe, expect, it } from 'vitest'
import { FrameFlag, type FrameHead, FrameKind, type PartFrame } from '../../src/wire/frame.ts'
import { FragmentBudget, Fragments } from '../../src/wire/fragments.ts'
import { parseFrame, parseMessage } from '../../src/wire/parse-frame.ts'
import { partFrames } from '../../src/wire/write-frame.ts'
import { TestClock } from '../support/test-clock.ts'
import { framed } from './framed.ts'

const refused = expect.objectContaining({ name: 'FrameError', code: 'RTMP_ERR_CLUSTER_FRAME' })
const message = framed(9, 40, '1701'.repeat(350_000))

function partsOf(seq: number, of = message): [PartFrame, PartFrame, PartFrame] {
  const head: FrameHead = { flags: 0, seq, sentAt: 0, headers: 0 }
  return [...partFrames(FrameKind.Fragment, head, [of])].map(bytes => parseFrame(bytes)) as [
    PartFrame,
    PartFrame,
    PartFrame,
  ]
}

/** A part of bytes of the test's own, as a parser would let it pass. */
function part(index: number, length: number, total: number, isLast: boolean, seq = 1): PartFrame {
  const flags = isLast ? FrameFlag.Last : 0
  return {
    kind: FrameKind.Fragment,
    flags,
    seq,
    sentAt: 0,
    headers: 0,
    index,
    isLast,
    total,
    bytes: Buffer.alloc(length),
  }
}

function receiving(max?: number): { clock: TestClock; budget: FragmentBudget; fragments: Fragments } {
  const clock = new TestClock()
  const budget = new FragmentBudget(max)
  return { clock, budget, fragments: new Fragments(clock, budget) }
}

describe('Fragments', () => {
  it('makes a message whole, and holds nothing afterwards', () => {
    const { clock, budget, fragments } = receiving()
    const [one, two, three] = partsOf(1)
    expect(fragments.add(one)).toBeUndefined()
    expect(fragments.add(two)).toBeUndefined()
    expect(budget.bytes).toBe(one.bytes.length + two.bytes.length)
    const whole = parseMessage(fragments.add(three) as Buffer)
    expect(whole).toMatchObject({ messageTypeId: 9, timestamp: 40 })
    expect(whole.payload.equals(message.payload)).toBe(true)
    expect(budget.bytes).toBe(0)
    expect(clock.waiting).toBe(0)
  })

  it('copies nothing that came in one part', () => {
    const { fragments } = receiving()
    const only = part(0, 100, 100, true)
    expect(fragments.add(only)).toBe(only.bytes)
  })

  it('drops what misses a part, whichever it is, and takes the next message', () => {
    for (const missing of [0, 1, 2]) {
      const { budget, fragments } = receiving()
      for (const [index, each] of partsOf(1).entries()) {
        if (index !== missing) expect(fragments.add(each)).toBeUndefined()
      }
      const [one, two, three] = partsOf(2)
      fragments.add(one)
      fragments.add(two)
      expect(fragments.add(three)?.length).toBe(message.payload.length + 12)
      expect(budget.bytes).toBe(0)
    }
  })

  it('makes nothing of the parts of two messages, in whatever order', () => {
    const { budget, fragments } = receiving()
    const [a, b] = [partsOf(1), partsOf(2)]
    for (const each of [a[0], b[0], a[1], b[1], a[2], b[2]]) expect(fragments.add(each)).toBeUndefined()
    for (const each of [a[0], a[1], b[2], a[2]]) expect(fragments.add(each)).toBeUndefined()
    // Of a fragment and of a snapshot with the same number.
    for (const each of [a[0], { ...a[1], kind: FrameKind.Snapshot }, a[2]]) expect(fragments.add(each)).toBeUndefined()
    expect(budget.bytes).toBe(0)
  })

  it('takes no part twice, and none in another order', () => {
    const { budget, fragments } = receiving()
    const [one, two, three] = partsOf(1)
    for (const each of [one, two, two, three]) expect(fragments.add(each)).toBeUndefined()
    for (const each of [one, three, two]) expect(fragments.add(each)).toBeUndefined()
    expect(budget.bytes).toBe(0)
  })

  it.each([
    ['another total', [part(0, 10, 30, false), part(1, 10, 31, false)]],
    ['a last part with too little', [part(0, 10, 30, false), part(1, 10, 30, true)]],
    ['a last part with too much', [part(0, 20, 30, false), part(1, 11, 30, true)]],
    ['all, and not the last part', [part(0, 20, 30, false), part(1, 10, 30, false)]],
  ])('refuses %s', (_what, parts) => {
    const { clock, budget, fragments } = receiving()
    const last = parts.pop() as PartFrame
    for (const each of parts) fragments.add(each)
    expect(() => fragments.add(last)).toThrow(refused)
    expect(budget.bytes).toBe(0)
    expect(clock.waiting).toBe(0)
  })

  it('holds only what has come, whatever the total, and all of a node no more than the budget', () => {
    const clock = new TestClock()
    const budget = new FragmentBudget(1_000)
    const many = Array.from({ length: 20 }, () => new Fragments(clock, budget))
    for (const fragments of many) expect(fragments.add(part(0, 60, 0xffffff, false))).toBeUndefined()
    expect(budget.bytes).toBe(960)
    for (const fragments of many.slice(0, 16)) fragments.clear()
    expect(budget.bytes).toBe(0)
    expect(clock.waiting).toBe(0)
    // Who had no place has dropped all of it, and is in order again.
    many[19]?.add(part(0, 60, 100, false))
    expect(many[19]?.add(part(1, 40, 100, true))?.length).toBe(100)
  })

  it('has room for 32 MiB unless it is told otherwise', () => {
    const budget = new FragmentBudget()
    expect(budget.take(32 * 1024 * 1024)).toBe(true)
    expect(budget.take(1)).toBe(false)
  })

  it('drops after two seconds what is incomplete', () => {
    const { clock, budget, fragments } = receiving()
    const [one, two, three] = partsOf(1)
    fragments.add(one)
    clock.advance(1_000)
    fragments.add(two)
    clock.advance(999)
    expect(budget.bytes).toBeGreaterThan(0)
    clock.advance(1)
    expect(budget.bytes).toBe(0)
    expect(fragments.add(three)).toBeUndefined()
  })
})
