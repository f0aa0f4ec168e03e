import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../src/contract/session.ts'
import { DeadlineQueue, type Due } from '../src/deadline-queue.ts'
import { discriminatorOfPeer, discriminatorOfUrl } from '../src/crypto/endpoint-discriminator.ts'
import { requiredProtection, staticInitiatorKeying } from '../src/crypto/keying.ts'
import type { OpenedKeys } from '../src/endpoint.ts'
import { ByteReader } from '../src/wire/byte-reader.ts'
import { ChunkType } from '../src/wire/chunk-type.ts'
import { writeFiller } from '../src/wire/packet.ts'
import {
  readInitiatorKeying,
  readResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../src/wire/startup-chunks.ts'
import { exchange, Network, open, prove } from './support/network.ts'
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

  it('tells of a session before the first packet is read, whose flows are taken', () => {
    const network = new Network()
    const messages: string[] = []
    let hellos = 0
    network.endpoint(server).onSession = session => {
      session.onFlow = flow => {
        flow.onMessage = message => messages.push(`${network.now} ${String(message)}`)
        return true
      }
    }
    network.passes = ({ datagram }) => {
      if (startupPacketOf(datagram)?.type === ChunkType.InitiatorHello) hellos += 1
      return true
    }
    const initiator = network.endpoint(client, { certificate: 'static' })
    initiator.open({ url: 'rtmfp://server.example/live', candidates: [server] }, 0, (_, session) =>
      session?.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from('first')]),
    )
    network.wait(100)
    // Two round trips, and the way there.
    expect([messages, hellos]).toEqual([['25 first'], 1])
    const ours = network.sent.filter(({ from }) => from === client)
    // What shows that it has the keys goes in the same packet.
    expect(ours.filter(({ at }) => at <= 25)).toHaveLength(3)
  })

  describe('somebody who has only the certificate of another one', () => {
    /** A server, a victim with a session there, and a thief that opens one with the certificate of the victim. */
    function stolen() {
      const network = new Network()
      const opened: OpenedKeys[] = []
      const endpoint = network.endpoint(server, { onKeys: keys => opened.push(keys) })
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
      const thief = new StartupPeer(network, { address: '203.0.113.66', port: 9 })
      const steal = (): void => {
        const endpointDiscriminator = discriminatorOfUrl('rtmfp://server.example/live')
        thief.send(server, writer => writeInitiatorHello(writer, { endpointDiscriminator, tag: Buffer.alloc(16) }))
        const { cookie } = readResponderHello(new ByteReader(thief.seen.at(-1)?.payload as Buffer))
        const { certificate } = readInitiatorKeying(new ByteReader(keyings[0] as Buffer))
        const keyingComponent = staticInitiatorKeying(14, requiredProtection)
        thief.send(server, writer =>
          writeInitiatorKeying(writer, {
            sessionId: 5,
            cookie,
            certificate,
            keyingComponent,
            signature: Buffer.from('X'),
          }),
        )
      }
      const viewer = network.endpoint({ address: '198.51.100.9', port: 1 }, { certificate: 'static' })
      open(network, viewer, [server])
      open(network, victim, [server])
      network.wait(100)
      const lookUp = (): string[] => {
        asked.length = 0
        const looking = open(network, viewer, [server], { peerId: victim.id })
        network.wait(50)
        looking.abort()
        return asked
      }
      return { network, endpoint, victim, accepted, opened, steal, lookUp }
    }

    it('is not told of, and not found in its place, neither before its session ends nor afterwards', () => {
      const { network, endpoint, victim, accepted, steal, lookUp } = stolen()
      expect(lookUp()).toEqual([client.address])
      steal()
      expect(endpoint.size).toBe(3)
      expect(accepted.filter(({ farId }) => farId.equals(victim.id))).toHaveLength(1)
      expect(lookUp()).toEqual([client.address])
      network.wait(20_000)
      expect(endpoint.size).toBe(2)
      expect(lookUp()).toEqual([client.address])
    })

    it('is found after it only where it has the keys, too', () => {
      const { network, opened, accepted, steal, lookUp } = stolen()
      steal()
      prove(network, opened[2] as OpenedKeys, server)
      expect(accepted).toHaveLength(3)
      expect(lookUp()).toEqual([client.address])
      accepted.find(({ remote }) => remote.address === client.address)?.destroy()
      expect(lookUp()).toEqual(['203.0.113.66'])
    })

    it('is not taken for the end that a session is being opened with', () => {
      const network = new Network()
      const target = network.endpoint(server, { certificate: 'static' })
      const asking = network.endpoint(client, { certificate: 'static' })
      let certificate: Buffer | undefined
      // The last packet that opens the session is late.
      network.passes = ({ datagram, at }) => {
        const packet = startupPacketOf(datagram)
        if (packet?.type === ChunkType.ResponderHello && packet.payload.length > 300)
          certificate ??= readResponderHello(new ByteReader(packet.payload)).certificate
        return packet?.type !== ChunkType.ResponderInitialKeying || at > 500
      }
      const outcome = open(network, asking, [server], { peerId: target.id })
      network.wait(100)
      const thief = new StartupPeer(network, { address: '203.0.113.66', port: 9 })
      const endpointDiscriminator = discriminatorOfPeer(asking.id)
      thief.send(client, writer => {
        writeInitiatorHello(writer, { endpointDiscriminator, tag: Buffer.alloc(16) })
        writeFiller(writer, 400)
      })
      const { cookie } = readResponderHello(new ByteReader(thief.seen.at(-1)?.payload as Buffer))
      const keyingComponent = staticInitiatorKeying(14, requiredProtection)
      network.passes = ({ datagram, at, to }) =>
        to.port === 9 || startupPacketOf(datagram)?.type !== ChunkType.ResponderInitialKeying || at > 500
      thief.send(client, writer =>
        writeInitiatorKeying(writer, {
          sessionId: 5,
          cookie,
          certificate: certificate as Buffer,
          keyingComponent,
          signature: Buffer.from('X'),
        }),
      )
      expect(asking.size).toBe(1)
      expect(outcome.session).toBeUndefined()
      network.wait(5_000)
      expect(outcome.session?.remote).toEqual(server)
    })
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
