import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReceiveFlowMachine } from '../../src/flow/receive-flow.ts'
import { defaultSessionLimits } from '../../src/session/limits.ts'
import { Fragment, type UserData } from '../../src/wire/user-data.ts'

function receiveFlow(isUnordered = false) {
  const seen: string[] = []
  const host = {
    buffered: 0,
    acknowledgeSoon() {},
    grew(bytes: number) {
      host.buffered += bytes
    },
    over() {},
  }
  const flow = new ReceiveFlowMachine(1, Buffer.alloc(0), undefined, host, {
    ...defaultSessionLimits,
    maxBuffered: Number.POSITIVE_INFINITY,
  })
  flow.isUnordered = isUnordered
  flow.onMessage = (message, sequence) => seen.push(`${sequence}:${message.toString()}`)
  flow.onGap = () => seen.push('gap')
  flow.onEnd = finished => seen.push(`end ${finished}`)
  return { flow, seen, host }
}

function chunk(sequence: number, over: Partial<UserData> & { text?: string } = {}): UserData {
  return {
    flowId: 1,
    sequence,
    forwardSequence: 0,
    fragment: Fragment.Whole,
    isAbandoned: false,
    isFinal: false,
    options: undefined,
    data: Buffer.from(over.text ?? String(sequence)),
    ...over,
  }
}

const { Begin, Middle, End, Whole } = Fragment

describe('in order', () => {
  it.each([
    { name: 'as they come', chunks: [chunk(1), chunk(2)], expected: ['1:1', '2:2'] },
    { name: 'the other way round', chunks: [chunk(2), chunk(1)], expected: ['1:1', '2:2'] },
    { name: 'twice', chunks: [chunk(1), chunk(1)], expected: ['1:1'] },
    {
      name: 'in parts',
      chunks: [chunk(3, { fragment: End }), chunk(1, { fragment: Begin }), chunk(2, { fragment: Middle })],
      expected: ['1:123'],
    },
    {
      name: 'given up before',
      chunks: [chunk(3, { forwardSequence: 2 })],
      expected: ['gap', '3:3'],
    },
    {
      name: 'given up in the middle of a message',
      chunks: [chunk(1, { fragment: Begin }), chunk(4, { forwardSequence: 3 })],
      expected: ['gap', '4:4'],
    },
    {
      name: 'a message without its end',
      chunks: [chunk(1, { fragment: Begin }), chunk(2), chunk(3)],
      expected: ['gap', '2:2', '3:3'],
    },
    {
      name: 'a message without its beginning',
      chunks: [chunk(3, { fragment: End }), chunk(4, { forwardSequence: 2 })],
      expected: ['gap', '4:4'],
    },
    {
      name: 'nothing but the news that something is missing',
      chunks: [chunk(1), chunk(5, { forwardSequence: 5, isAbandoned: true, text: '' })],
      expected: ['1:1', 'gap'],
    },
    {
      name: 'an end that has no message',
      chunks: [chunk(1), chunk(2, { isAbandoned: true, isFinal: true, text: '' })],
      expected: ['1:1', 'end true'],
    },
    {
      name: 'an end before what comes before it',
      chunks: [chunk(2, { isFinal: true }), chunk(1)],
      expected: ['1:1', '2:2', 'end true'],
    },
    {
      name: 'far ahead at once',
      chunks: [chunk(2 ** 50, { forwardSequence: 2 ** 50 - 1, text: 'far' })],
      expected: ['gap', `${2 ** 50}:far`],
    },
  ])('$name', ({ chunks, expected }) => {
    const { flow, seen, host } = receiveFlow()
    for (const each of chunks) flow.take(each, 0)
    expect(seen).toEqual(expected)
    expect(host.buffered).toBe(0)
  })
})

/** Messages in parts, with their numbers, in whatever order, some twice. */
const deliveries = fc
  .record({ lengths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }), seed: fc.nat() })
  .chain(({ lengths }) => {
    const chunks: UserData[] = []
    for (const [message, length] of lengths.entries())
      for (let part = 0; part < length; part += 1) {
        const last = part === length - 1
        const fragment = length === 1 ? Whole : part === 0 ? Begin : last ? End : Middle
        chunks.push(chunk(chunks.length + 1, { fragment, text: `m${message}` }))
      }
    const total = chunks.length
    chunks.push(chunk(total + 1, { isAbandoned: true, isFinal: true, text: '' }))
    return fc.record({
      lengths: fc.constant(lengths),
      chunks: fc
        .tuple(fc.shuffledSubarray(chunks), fc.shuffledSubarray(chunks, { minLength: chunks.length }))
        .map(([some, all]) => [...some, ...all]),
    })
  })

it.each([false, true])('every message once, however its parts come; unordered: %s', isUnordered => {
  fc.assert(
    fc.property(deliveries, ({ lengths, chunks }) => {
      const { flow, seen, host } = receiveFlow(isUnordered)
      for (const each of chunks) flow.take(each, 0)
      let sequence = 1
      const expected = lengths.map((length, message) => {
        const text = `${sequence}:${`m${message}`.repeat(length)}`
        sequence += length
        return text
      })
      const messages = seen.slice(0, -1)
      if (isUnordered) expect(messages.sort()).toEqual(expected.sort())
      else expect(messages).toEqual(expected)
      expect(seen.at(-1)).toBe('end true')
      expect(host.buffered).toBe(0)
    }),
    { numRuns: 300 },
  )
})

it('unordered: gives what is whole, whatever is missing', () => {
  const { flow, seen } = receiveFlow(true)
  flow.take(chunk(5), 0)
  flow.take(chunk(3, { fragment: Begin }), 0)
  flow.take(chunk(2), 0)
  flow.take(chunk(4, { fragment: End }), 0)
  expect(seen).toEqual(['5:5', '2:2', '3:34'])
  flow.take(chunk(6, { forwardSequence: 5 }), 0)
  expect(seen.slice(3)).toEqual(['gap', '6:6'])
})

it('unordered: keeps the beginning of a message that goes on behind what is settled, until that is given up', () => {
  const { flow, seen, host } = receiveFlow(true)
  flow.take(chunk(1, { fragment: Begin }), 0)
  flow.take(chunk(2, { fragment: Middle }), 0)
  flow.take(chunk(4, { forwardSequence: 2 }), 0)
  flow.take(chunk(3, { fragment: End }), 0)
  expect(seen).toEqual(['4:4', '1:123'])
  flow.take(chunk(5, { fragment: Begin }), 0)
  flow.take(chunk(8, { forwardSequence: 5 }), 0)
  expect(host.buffered).toBeGreaterThan(0)
  flow.take(chunk(9, { forwardSequence: 6 }), 0)
  expect(host.buffered).toBe(0)
})

it('after it was rejected nothing is called any more', () => {
  const { flow, seen } = receiveFlow()
  flow.onMessage = message => {
    seen.push(String(message))
    flow.reject()
  }
  flow.take(chunk(2), 0)
  flow.take(chunk(3), 0)
  flow.take(chunk(1), 0)
  flow.take(chunk(4, { isFinal: true }), 0)
  expect(seen).toEqual(['1'])
  expect(flow.isComplete).toBe(true)
})
