import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../src/contract/session.ts'
import { DeadlineQueue, type Due } from '../src/deadline-queue.ts'
import { discriminatorOfPeer, discriminatorOfUrl } from '../src/crypto/endpoint-discriminator.ts'
import { requiredProtection, staticInitiatorKeying } from '../src/crypto/keying.ts'
import { ByteReader } from '../src/wire/byte-reader.ts'
import { ChunkType } from '../src/wire/chunk-type.ts'
import {
  readInitiatorKeying,
  readResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../src/wire/startup-chunks.ts'
import { exchange, Network, open } from './support/network.ts'
import { StartupPeer, startupPacketOf } from './support/startup-peer.ts'
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

  it.each([
    ['a client', true],
    ['a server', false],
  ])('the first packet of %s is sent again as soon as its round trip was, not after three seconds', (_, isClient) => {
    const network = new Network()
    network.delay = 40
    const accepted: OpenSession[] = []
    network.endpoint(server).onSession = session => accepted.push(session)
    const outcome = open(network, network.endpoint(client, { certificate: 'static' }), [server])
    network.wait(1_000)
    const [near, far] = [outcome.session, accepted[0]] as [OpenSession, OpenSession]
    const [from, to] = isClient ? [near, far] : [far, near]
    let arrivedAt: number | undefined
    to.onFlow = flow => {
      flow.onMessage = () => (arrivedAt = network.now)
      return true
    }
    let isLost = false
    network.passes = () => {
      const passes = isLost
      isLost = true
      return passes
    }
    const begunAt = network.now
    from.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from('x')])
    network.wait(5_000)
    expect(isLost).toBe(true)
    expect((arrivedAt ?? Number.POSITIVE_INFINITY) - begunAt).toBeLessThan(600)
  })

  it('finds the end that has the keys of a certificate, not somebody who has only that', () => {
    const network = new Network()
    const endpoint = network.endpoint(server)
    const accepted: OpenSession[] = []
    endpoint.onSession = session => accepted.push(session)
    const asked: string[] = []
    endpoint.onIntroduce = ({ remote }) => {
      asked.push(remote.address)
      return undefined
    }
    const victim = network.endpoint(client, { certificate: 'static' })
    const keyings: Buffer[] = []
    network.passes = ({ datagram }) => {
      const packet = startupPacketOf(datagram)
      if (packet?.type === ChunkType.InitiatorInitialKeying) keyings.push(packet.payload)
      return true
    }
    const outcome = open(network, victim, [server])
    network.wait(100)
    exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)
    const thief = new StartupPeer(network, { address: '203.0.113.66', port: 9 })
    const question = (endpointDiscriminator: Buffer) => () =>
      thief.send(server, writer => writeInitiatorHello(writer, { endpointDiscriminator, tag: Buffer.alloc(16) }))
    question(discriminatorOfUrl('rtmfp://server.example/live'))()
    const { cookie } = readResponderHello(new ByteReader(thief.seen[0]?.payload as Buffer))
    const { certificate } = readInitiatorKeying(new ByteReader(keyings[0] as Buffer))
    const component = staticInitiatorKeying(14, requiredProtection)
    thief.send(server, writer =>
      writeInitiatorKeying(writer, {
        sessionId: 5,
        cookie,
        certificate,
        keyingComponent: component,
        signature: Buffer.from('X'),
      }),
    )
    expect(accepted.map(({ farId }) => farId)).toEqual([victim.id, victim.id])
    question(discriminatorOfPeer(victim.id))()
    expect(asked).toEqual([client.address])
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
