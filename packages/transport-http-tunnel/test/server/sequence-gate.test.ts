import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSequence, SequenceGate } from '../../src/server/sequence-gate.ts'
import { WaitingCount } from '../../src/server/waiting-count.ts'

type Gate = SequenceGate<number>

function takeAll(gate: SequenceGate<number>): number[] {
  const taken: number[] = []
  for (let item = gate.take(); item !== undefined; item = gate.take()) taken.push(item)
  return taken
}

describe('SequenceGate', () => {
  it.each([0, 1])('counts from %i if that is where the client starts', first => {
    const gate = new SequenceGate<number>(16, 512)
    expect(gate.offer(first, first)).toBe('in-order')
    expect(gate.offer(first + 1, first + 1)).toBe('in-order')
    expect(takeAll(gate)).toEqual([first, first + 1])
  })

  it('counts from 0 if that comes before 1 was taken', () => {
    const gate = new SequenceGate<number>(16, 512)
    gate.offer(2, 2)
    gate.offer(1, 1)
    expect(gate.offer(0, 0)).toBe('in-order')
    expect(takeAll(gate)).toEqual([0, 1, 2])
    const late = new SequenceGate<number>(16, 512)
    late.offer(1, 1)
    late.take()
    expect(late.offer(0, 0)).toBe('past')
  })

  it('parks what comes before the first, whichever that will be', () => {
    const gate = new SequenceGate<number>(16, 512)
    expect(gate.offer(2, 2)).toBe('parked')
    expect(gate.ready).toBe(false)
    expect(gate.take()).toBeUndefined()
    expect(gate.offer(1, 1)).toBe('in-order')
    expect(takeAll(gate)).toEqual([1, 2])
  })

  it('names the request that is missing', () => {
    const gate = new SequenceGate<number>(16, 512)
    gate.offer(0, 0)
    expect(gate.missing).toBeUndefined()
    gate.offer(2, 2)
    gate.offer(4, 4)
    expect(gate.missing).toBe(1)
    gate.offer(1, 1)
    expect(gate.missing).toBe(3)
    gate.offer(3, 3)
    expect(gate.missing).toBeUndefined()
  })

  it('tells a repeated request from one long past', () => {
    const gate = new SequenceGate<number>(16, 512)
    for (const sequence of [0, 1, 2]) gate.offer(sequence, sequence)
    expect(gate.offer(2, 9)).toBe('waiting')
    takeAll(gate)
    expect(gate.offer(2, 9)).toBe('last-taken')
    expect(gate.offer(1, 9)).toBe('past')
    expect(gate.offer(0, 9)).toBe('past')
    expect(gate.take()).toBeUndefined()
  })

  it('parks no more than it may, and nothing too far ahead', () => {
    const gate = new SequenceGate<number>(2, 512)
    gate.offer(0, 0)
    expect(gate.offer(4, 4)).toBe('too-far')
    expect(gate.offer(3, 3)).toBe('parked')
    expect(gate.offer(2, 2)).toBe('parked')
    expect(gate.offer(1, 1)).toBe('in-order')
    expect(takeAll(gate)).toEqual([0, 1, 2, 3])
    expect(gate.offer(2 ** 53 - 1, 0)).toBe('too-far')
  })

  it('has no more waiting in order than it may', () => {
    const gate = new SequenceGate<number>(16, 3)
    for (const sequence of [0, 1, 2]) expect(gate.offer(sequence, sequence)).toBe('in-order')
    expect(gate.offer(3, 3)).toBe('too-many')
    gate.take()
    expect(gate.offer(3, 3)).toBe('in-order')
  })

  it('has no more waiting than its share once all gates together have too many', () => {
    const waiting = new WaitingCount(100)
    const [one, two, three] = [0, 1, 2].map(() => new SequenceGate<number>(20, 512, waiting)) as [Gate, Gate, Gate]
    for (let sequence = 0; sequence < 80; sequence++) expect(one.offer(sequence, sequence)).toBe('in-order')
    for (let sequence = 0; sequence < 20; sequence++) expect(two.offer(sequence, sequence)).toBe('in-order')
    expect([one.offer(80, 80), two.offer(20, 20)]).toEqual(['too-many', 'too-many'])
    // Whoever has few waiting does not pay for the others.
    for (let sequence = 1; sequence <= 16; sequence++) expect(three.offer(sequence + 1, sequence)).toBe('parked')
    expect(three.offer(18, 18)).toBe('too-many')
    expect(three.offer(1, 1)).toBe('too-many')
    for (let count = 0; count < 17; count++) one.take()
    expect(one.offer(80, 80)).toBe('in-order')
    expect(one.offer(81, 81)).toBe('too-many')
    two.drain()
    expect(one.offer(81, 81)).toBe('in-order')
  })

  it('gives out everything at the end', () => {
    const gate = new SequenceGate<number>(16, 512)
    for (const sequence of [0, 1, 5]) gate.offer(sequence, sequence)
    expect(new Set(gate.drain())).toEqual(new Set([0, 1, 5]))
    expect(gate.size).toBe(0)
    expect(gate.missing).toBeUndefined()
    expect(gate.ready).toBe(false)
  })

  it('gives requests out once and in order, whatever order and how often they come', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1),
        fc.array(fc.record({ shift: fc.nat(3), repeats: fc.integer({ min: 1, max: 3 }) }), {
          minLength: 1,
          maxLength: 60,
        }),
        (first, requests) => {
          // Each request is late by up to three places, so never more than the gate may park.
          const arrivals = requests
            .flatMap(({ shift, repeats }, index) =>
              Array.from({ length: repeats }, (_, again) => ({
                sequence: first + index,
                at: index + (index === 0 ? 0 : shift) + again * 0.1,
              })),
            )
            .sort((left, right) => left.at - right.at)
          const gate = new SequenceGate<number>(16, 512)
          const taken: number[] = []
          for (const { sequence } of arrivals) {
            expect(gate.offer(sequence, sequence)).not.toBe('too-far')
            taken.push(...takeAll(gate))
          }
          expect(taken).toEqual(requests.map((_, index) => first + index))
        },
      ),
    )
  })
})

describe('parseSequence', () => {
  it.each([
    ['0', 0],
    ['12', 12],
    ['007', 7],
    ['9007199254740991', 2 ** 53 - 1],
  ])('reads %s', (text, sequence) => expect(parseSequence(text)).toBe(sequence))

  it.each(['', '-1', '1.5', '1e3', '0x1', ' 1', '9007199254740992', '99999999999999999999', 'one', '١'])(
    'refuses %j',
    text => expect(parseSequence(text)).toBeUndefined(),
  )
})
