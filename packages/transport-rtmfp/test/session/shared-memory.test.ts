import { describe, expect, it } from 'vitest'
import type { OpenSession, SessionEnd } from '../../src/contract/session.ts'
import type { EndpointLimits } from '../../src/limits.ts'
import { Network, open } from '../support/network.ts'

const server = { address: '192.0.2.1', port: 1_935 }

/** A server with three clients. */
function scene(limits: Partial<EndpointLimits>) {
  const network = new Network()
  const endpoint = network.endpoint(server, { limits })
  const [near, far, ends]: [OpenSession[], OpenSession[], SessionEnd[]] = [[], [], []]
  endpoint.onSession = session => {
    near.push(session)
    session.onFlow = flow => {
      // Nobody takes anything.
      flow.isHeld = true
      return true
    }
    session.onEnd = why => ends.push(why)
  }
  for (let index = 0; index < 3; index += 1) {
    const outcome = open(network, network.endpoint({ address: '198.51.100.7', port: 40_000 + index }), [server])
    network.wait(100)
    far.push(outcome.session as OpenSession)
  }
  return { network, endpoint, near, far, ends }
}

function write(session: OpenSession, bytes: number): void {
  session.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.alloc(bytes)])
}

describe('beyond what all sessions may take together, the one that takes most is ended, and nobody else', () => {
  it('of what has come and is not taken', () => {
    const { network, endpoint, near, far, ends } = scene({ maxReceived: 100_000 })
    for (const [index, session] of far.entries()) write(session, 20_000 + 1_000 * index)
    network.wait(2_000)
    expect(ends).toEqual([])
    expect(endpoint.usage.receivedBytes).toBeGreaterThan(63_000)
    write(far[1] as OpenSession, 40_000)
    network.wait(2_000)
    expect(ends).toEqual(['too much memory'])
    expect(endpoint.size).toBe(2)
    expect(endpoint.usage.receivedBytes).toBeLessThan(50_000)
    expect([near[0], near[2]].map(session => session?.roundTrip)).not.toContain(undefined)
  })

  it('of what was written and is not delivered', () => {
    const { network, endpoint, near, ends } = scene({ maxQueued: 1_000_000 })
    network.passes = ({ to }) => to === server
    for (const session of near) write(session, 300_000)
    network.wait(200)
    expect([endpoint.usage.queuedBytes, ends]).toEqual([900_000, []])
    write(near[2] as OpenSession, 200_000)
    network.wait(200)
    expect([endpoint.usage.queuedBytes, endpoint.size, ends]).toEqual([600_000, 2, ['too much memory']])
  })
})

it('says what it keeps, and has nothing when all have gone', () => {
  const { network, endpoint, near, far } = scene({})
  for (const session of far) write(session, 5_000)
  for (const session of near) write(session, 100)
  network.wait(10)
  expect(endpoint.usage).toMatchObject({ sessions: 3, lingering: 0, flows: 6 })
  for (const session of far) session.close()
  network.wait(50_000)
  expect(endpoint.usage).toEqual({ sessions: 0, lingering: 0, flows: 0, receivedBytes: 0, queuedBytes: 0 })
})

it('those that linger make room for new ones', () => {
  const { network, endpoint, near } = scene({ maxSessions: 4 })
  // Nobody answers their ends.
  network.passes = () => false
  near[0]?.close()
  near[1]?.close()
  network.wait(1_000)
  network.passes = () => true
  for (let index = 0; index < 3; index += 1) {
    open(network, network.endpoint({ address: '198.51.100.8', port: index + 1 }), [server])
    network.wait(100)
  }
  expect(endpoint.usage).toMatchObject({ sessions: 4, lingering: 0 })
})

it('those that have lingered longest are forgotten when there are too many', () => {
  const { network, endpoint, near } = scene({ maxLingering: 1 })
  network.passes = () => false
  for (const session of near) session.close()
  network.wait(1_000)
  expect(endpoint.usage).toMatchObject({ sessions: 0, lingering: 1 })
})
