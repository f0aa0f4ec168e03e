import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { OutgoingMessage } from '../../src/contract/flow.ts'
import { seeded } from '../support/random.ts'
import { sessionPair } from '../support/session-pair.ts'

function numbered(index: number, length: number): Buffer {
  const bytes = Buffer.alloc(Math.max(4, length), index)
  bytes.writeUInt32BE(index)
  return bytes
}

it('a message goes from one to the other', () => {
  const { simulation, initiator, responder } = sessionPair({ delay: 10 })
  const received: string[] = []
  responder.onFlow = flow => {
    expect(flow.metadata.toString()).toBe('for what')
    flow.onMessage = message => received.push(message.toString())
    flow.onEnd = finished => received.push(`end ${finished}`)
    return true
  }
  const settled: OutgoingMessage[] = []
  const flow = initiator.openFlow({
    metadata: Buffer.from('for what'),
    priority: 5,
    onSettled: message => settled.push(message),
  })
  const message = flow.write([Buffer.from('hel'), Buffer.from('lo')])
  flow.close()
  simulation.run(1_000)
  expect(received).toEqual(['hello', 'end true'])
  expect(message.state).toBe('delivered')
  expect(settled).toEqual([message])
  expect(initiator.roundTrip).toBeGreaterThanOrEqual(16)
  expect(initiator.roundTrip).toBeLessThanOrEqual(20)
})

it('every message once and in order, whatever the line does', () => {
  const quality = fc.record({
    seed: fc.integer(),
    loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    duplicates: fc.double({ min: 0, max: 0.2, noNaN: true }),
    delay: fc.integer({ min: 0, max: 300 }),
    late: fc.double({ min: 0, max: 0.3, noNaN: true }),
    lateBy: fc.integer({ min: 0, max: 300 }),
  })
  fc.assert(
    fc.property(quality, ({ late, lateBy, ...rest }) => {
      const { simulation, initiator, responder } = sessionPair({
        ...rest,
        reordering: { share: late, from: 0, to: lateBy },
        limits: { retransmitLimit: 300_000 },
      })
      const random = seeded(rest.seed)
      const received: Buffer[][] = [[], [], []]
      let gaps = 0
      let ended = 0
      for (const session of [initiator, responder])
        session.onFlow = flow => {
          flow.onMessage = message => received[flow.metadata[0] as number]?.push(message)
          flow.onGap = () => (gaps += 1)
          flow.onEnd = finished => (ended += finished ? 1 : 0)
          return true
        }
      const sent = received.map((_, index) => {
        const flow = (index < 2 ? initiator : responder).openFlow({ metadata: Buffer.of(index), priority: 5 })
        const messages = Array.from({ length: 60 }, (_, number) => numbered(number, Math.floor(random() ** 3 * 6_000)))
        for (const [number, message] of messages.entries())
          simulation.at(number * 10, () => {
            flow.write([message.subarray(0, 3), message.subarray(3)])
            if (number === messages.length - 1) flow.close()
          })
        return messages
      })
      simulation.run(1_200_000, () => ended === 3)
      // Element by element it takes longer than all the rest.
      for (const [index, messages] of sent.entries())
        expect(Buffer.concat(messages).equals(Buffer.concat(received[index] ?? []))).toBe(true)
      expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length))
      expect(gaps).toBe(0)
    }),
    { numRuns: 40 },
  )
})
