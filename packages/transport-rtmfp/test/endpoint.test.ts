import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../src/contract/session.ts'
import { DeadlineQueue, type Due } from '../src/deadline-queue.ts'
import { exchange, Network, open } from './support/network.ts'
import { seeded } from './support/random.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const client = { address: '198.51.100.7', port: 40_000 }

describe('an endpoint', () => {
  it('finds a session by its id when its far end has moved, and leaves the old address to others', () => {
    const network = new Network()
    const accepted: OpenSession[] = []
    network.endpoint(server).onSession = session => accepted.push(session)
    const initiator = network.endpoint(client)
    const outcome = open(network, initiator, [server])
    network.wait(100)
    const moved = { ...client, port: 40_001 }
    network.attach(moved, (datagram, from, now) => initiator.receive(datagram, from, now))
    const straight = network.send.bind(network)
    network.send = (datagram, from, to) => straight(datagram, from === client ? moved : from, to)
    const messages = exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)
    expect(messages).toEqual(['left: from right', 'right: from left'])
    expect(accepted[0]?.remote).toEqual(moved)
    // At the address that was left, somebody else is let in.
    const other = { ...client }
    const next = open(network, network.endpoint(other), [server])
    network.wait(100)
    expect(next.session).toBeDefined()
    expect(accepted.map(({ remote }) => remote)).toEqual([moved, other])
  })

  it('sends some 64 datagrams at once, and goes on after what has come in', () => {
    const network = new Network()
    const accepted: OpenSession[] = []
    const responder = network.endpoint(server)
    responder.onSession = session => accepted.push(session)
    const got: number[] = []
    for (let index = 0; index < 30; index += 1) {
      const outcome = open(network, network.endpoint({ ...client, port: 50_000 + index }), [server])
      network.wait(100)
      const { session } = outcome
      if (session === undefined) throw new Error('none')
      session.onFlow = flow => {
        flow.onMessage = message => got.push(message.length)
        return true
      }
    }
    for (const session of accepted)
      session.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.alloc(8_000)])
    network.sent.length = 0
    responder.tick(network.now)
    expect(network.sent.length).toBeGreaterThanOrEqual(64)
    expect(network.sent.length).toBeLessThan(128)
    expect(responder.deadline).toBeLessThanOrEqual(network.now)
    network.wait(5_000)
    expect(got).toEqual(Array.from({ length: 30 }, () => 8_000))
  })

  it('says that its deadline has come nearer when a session is written to from outside', () => {
    const network = new Network()
    let changes = 0
    const accepted: OpenSession[] = []
    const responder = network.endpoint(server, {}, { deadlineChanged: () => (changes += 1) })
    responder.onSession = session => accepted.push(session)
    open(network, network.endpoint(client), [server])
    network.wait(100)
    expect(changes).toBe(0)
    accepted[0]?.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from('x')])
    expect(changes).toBe(1)
    expect(responder.deadline).toBeLessThanOrEqual(network.now)
  })
})

it('the queue gives whoever is due next, whatever was changed before', () => {
  const random = seeded(3)
  const queue = new DeadlineQueue<Due>()
  const members: Due[] = Array.from({ length: 60 }, () => ({ dueAt: Number.POSITIVE_INFINITY, queueIndex: -1 }))
  for (let round = 0; round < 5_000; round += 1) {
    const member = members[Math.floor(random() * members.length)] as Due
    const choice = random()
    if (choice < 0.2) queue.delete(member)
    else queue.set(member, choice < 0.3 ? Number.POSITIVE_INFINITY : Math.floor(random() * 100))
    const queued = members.filter(({ queueIndex }) => queueIndex !== -1)
    expect(queue.next?.dueAt).toBe(queued.length === 0 ? undefined : Math.min(...queued.map(({ dueAt }) => dueAt)))
  }
})
