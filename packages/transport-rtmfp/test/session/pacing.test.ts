import { expect, it } from 'vitest'
import { MOST_CHUNK } from '../../src/session/congestion.ts'
import { Pacing } from '../../src/session/pacing.ts'
import { Session } from '../../src/session/session.ts'
import { sessionPair } from '../support/session-pair.ts'

it('spreads the window over the round trip, six chunks at most at once', () => {
  const pacing = new Pacing()
  const sendAll = (now: number) => {
    pacing.refill(now, 100 * MOST_CHUNK, 100, 1)
    let count = 0
    for (; pacing.canSend; count += 1) pacing.sent(MOST_CHUNK)
    return count
  }
  expect(sendAll(1_000)).toBe(6)
  // A chunk each millisecond.
  expect(pacing.nextAt).toBe(1_001)
  expect(sendAll(1_001)).toBe(1)
  expect(sendAll(1_005)).toBe(4)
  expect(sendAll(2_000)).toBe(6)
})

it('does not where the round trip is shorter than timers can tell, or unknown', () => {
  for (const roundTrip of [undefined, 0, 4]) {
    const pacing = new Pacing()
    pacing.refill(0, 100 * MOST_CHUNK, roundTrip, 1)
    for (let count = 0; count < 100; count += 1) pacing.sent(MOST_CHUNK)
    expect(pacing.canSend).toBe(true)
    expect(pacing.nextAt).toBe(0)
  }
})

it('even so, a session sends no more than 64 datagrams in a turn', () => {
  const pair = sessionPair({ delay: 2 })
  const { simulation, initiator, responder } = pair
  let received = 0
  responder.onFlow = flow => {
    flow.onMessage = message => (received += message.length)
    return true
  }
  let [count, most] = [0, 0]
  pair.onSend = () => {
    count += 1
    return true
  }
  initiator.tick = now => {
    count = 0
    Session.prototype.tick.call(initiator, now)
    most = Math.max(most, count)
  }
  const flow = initiator.openFlow({ metadata: Buffer.from('m'), priority: 3 })
  for (let written = 0; written < 500; written += 1) flow.write([Buffer.alloc(10_000)])
  simulation.run(5_000)
  expect(received).toBe(5_000_000)
  expect(most).toBe(64)
})
