import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { OutgoingMessage } from '../../src/contract/flow.ts'
import { seeded } from '../support/random.ts'
import { sessionPair } from '../support/session-pair.ts'

it('what is given up is missing, and seen to be; all else comes once and in order', () => {
  const quality = fc.record({
    seed: fc.integer(),
    loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    duplicates: fc.double({ min: 0, max: 0.2, noNaN: true }),
    delay: fc.integer({ min: 0, max: 300 }),
    late: fc.double({ min: 0, max: 0.3, noNaN: true }),
    lateBy: fc.integer({ min: 0, max: 300 }),
    patience: fc.integer({ min: 5, max: 2_000 }),
  })
  fc.assert(
    fc.property(quality, ({ late, lateBy, patience, ...rest }) => {
      const { simulation, initiator, responder } = sessionPair({
        ...rest,
        reordering: { share: late, from: 0, to: lateBy },
        limits: { retransmitLimit: 300_000 },
      })
      const random = seeded(rest.seed)
      /** Numbers of messages, and -1 where something is missing. */
      const events: number[] = []
      let ended = false
      responder.onFlow = flow => {
        flow.onMessage = message => {
          expect(message.subarray(4).every(byte => byte === message[3])).toBe(true)
          events.push(message.readUInt32BE())
        }
        flow.onGap = () => events.push(-1)
        flow.onEnd = finished => {
          ended = finished
        }
        return true
      }
      let completed = false
      const flow = initiator.openFlow({
        metadata: Buffer.from('m'),
        priority: 4,
        onComplete: () => {
          completed = true
        },
      })
      const messages: OutgoingMessage[] = []
      for (let number = 0; number < 100; number += 1)
        simulation.at(number * 20, () => {
          const bytes = Buffer.alloc(4 + Math.floor(random() ** 4 * 8_000), number)
          bytes.writeUInt32BE(number)
          const isKept = random() < 0.2
          messages.push(
            flow.write([bytes], {
              ...(!isKept && { startWithin: patience, finishWithin: patience + 50 }),
              after: random() < 0.5 ? messages.at(-1) : undefined,
            }),
          )
          if (number === 99) flow.close()
        })
      simulation.run(1_200_000, () => ended && completed)
      expect(ended && completed).toBe(true)
      expect(flow.bufferedBytes).toBe(0)
      const received = events.filter(event => event >= 0)
      expect(received).toEqual([...new Set(received)].sort((a, b) => a - b))
      for (const [number, { state }] of messages.entries()) {
        expect(['delivered', 'abandoned']).toContain(state)
        if (state === 'delivered') expect(received).toContain(number)
      }
      // Between two that came, something is said to be missing if and only if something is.
      for (let index = 1; index < received.length; index += 1) {
        const [before, after] = [received[index - 1] as number, received[index] as number]
        const isToldOf = events.slice(events.indexOf(before), events.indexOf(after)).includes(-1)
        expect(isToldOf).toBe(after !== before + 1)
      }
    }),
    { numRuns: 60 },
  )
})

it('nothing leaves after its deadline, whatever the line does', () => {
  const quality = fc.record({
    seed: fc.integer(),
    loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    duplicates: fc.double({ min: 0, max: 0.2, noNaN: true }),
    delay: fc.integer({ min: 0, max: 300 }),
    late: fc.double({ min: 0, max: 0.3, noNaN: true }),
    lateBy: fc.integer({ min: 0, max: 300 }),
    patience: fc.integer({ min: 5, max: 2_000 }),
  })
  fc.assert(
    fc.property(quality, ({ late, lateBy, patience, ...rest }) => {
      const { simulation, initiator, responder } = sessionPair({
        ...rest,
        reordering: { share: late, from: 0, to: lateBy },
      })
      let [received, latest] = [0, 0]
      responder.onFlow = flow => {
        // What has come in time is not kept back by what is missing before it.
        flow.isUnordered = true
        flow.onMessage = message => {
          received += 1
          latest = Math.max(latest, simulation.now - message.readDoubleBE())
        }
        return true
      }
      const flow = initiator.openFlow({ metadata: Buffer.from('m'), priority: 4 })
      const messages: OutgoingMessage[] = []
      simulation.every(20, 4_000, () => {
        const bytes = Buffer.alloc(3_000)
        bytes.writeDoubleBE(simulation.now)
        messages.push(flow.write([bytes], { startWithin: patience, finishWithin: patience + 50 }))
      })
      simulation.run(15_000)
      expect(latest).toBeLessThanOrEqual(patience + 50 + rest.delay + lateBy)
      expect(received).toBeGreaterThanOrEqual(messages.filter(({ state }) => state === 'delivered').length)
      for (const { state } of messages) expect(['delivered', 'abandoned']).toContain(state)
    }),
    { numRuns: 40 },
  )
})
