import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import type { Group } from '../../src/crypto/diffie-hellman.ts'
import { PacketSealer } from '../../src/crypto/packet-cipher.ts'
import { parseKeying } from '../../src/crypto/keying.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { Mode, writeHeader } from '../../src/wire/packet.ts'
import {
  readInitiatorKeying,
  readResponderHello,
  writeCookieChange,
  writeRedirect,
} from '../../src/wire/startup-chunks.ts'
import { writeUserData } from '../../src/wire/user-data.ts'
import { dataOf } from '../support/attacker.ts'
import { exchange, Network, open } from '../support/network.ts'
import { StartupPeer, startupPacketOf } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const client = { address: '198.51.100.7', port: 40_000 }

function types(network: Network): (number | undefined)[] {
  return network.sent.map(({ datagram }) => startupPacketOf(datagram)?.type)
}

describe('a session', () => {
  it.each([
    ['static', 'ephemeral', [14, 5, 2]],
    ['ephemeral', 'ephemeral', [14]],
    ['static', 'static', [5]],
    ['ephemeral', 'static', [2]],
  ] as const)('opens: %s to %s, groups %s', (asking, asked, groups) => {
    const network = new Network()
    const responder = network.endpoint(server, { certificate: asked, groups: [...groups] as Group[] })
    const initiator = network.endpoint(client, { certificate: asking })
    const accepted: OpenSession[] = []
    responder.onSession = session => accepted.push(session)
    const target = asked === 'static' ? { peerId: responder.id } : { url: 'rtmfp://server.example/live' }
    const outcome = open(network, initiator, [server], target)
    network.wait(25)
    const [theirs] = accepted
    const ours = outcome.session
    if (ours === undefined || theirs === undefined) throw new Error('none was opened')
    expect(outcome.at).toBe(20)
    expect([ours.isInitiator, theirs.isInitiator]).toEqual([true, false])
    expect([ours.farId, ours.nearId]).toEqual([responder.id, initiator.id])
    expect([theirs.farId, theirs.nearId]).toEqual([initiator.id, responder.id])
    expect([theirs.nearNonce, theirs.farNonce]).toEqual([ours.farNonce, ours.nearNonce])
    expect([ours.remote, theirs.remote]).toEqual([server, client])
    expect([initiator.size, responder.size]).toEqual([1, 1])
    expect(exchange(network, ours, theirs)).toEqual(['left: from right', 'right: from left'])
  })

  it('takes four datagrams, with flags and sizes that everybody reads', () => {
    const network = new Network()
    network.endpoint(server).onSession = () => {}
    open(network, network.endpoint(client, { certificate: 'static', groups: [2] }), [server])
    network.wait(19)
    const packets = network.sent.map(({ datagram }) => startupPacketOf(datagram))
    expect(packets.map(packet => packet?.type)).toEqual([0x30, 0x70, 0x38, 0x78])
    for (const packet of packets)
      expect(packet?.header).toEqual({
        mode: 3,
        timestamp: expect.any(Number),
        timeCritical: false,
        timeCriticalReverse: false,
      })
    const hello = readResponderHello(new ByteReader(packets[1]?.payload ?? Buffer.alloc(0)))
    expect([hello.tag.length, hello.cookie.length]).toEqual([16, 64])
    const [asked, answered] = network.sent
    expect(answered?.datagram.length).toBeLessThanOrEqual((asked?.datagram.length ?? 0) * 3)
  })

  it('is asked for again and again, less often each time, and given up after 95 seconds', () => {
    const network = new Network()
    const initiator = network.endpoint(client)
    const outcome = open(network, initiator, [server])
    network.wait(94_999)
    expect(network.sent.slice(0, 5).map(({ at }) => at)).toEqual([0, 1_000, 3_500, 7_500, 13_000])
    expect(outcome.error).toBeUndefined()
    network.wait(1)
    expect(outcome.error).toMatchObject({
      code: 'RTMP_ERR_RTMFP_NO_ANSWER',
      message: expect.stringContaining('192.0.2.1:1935'),
    })
    expect(initiator.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('is no more asked for when it is given up before', () => {
    const network = new Network()
    const initiator = network.endpoint(client)
    const outcome = open(network, initiator, [server])
    network.wait(500)
    outcome.abort()
    network.wait(100_000)
    expect(network.sent).toHaveLength(1)
    expect(outcome).toMatchObject({ abort: expect.any(Function) })
    expect(outcome.error).toBeUndefined()
    expect(initiator.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('fails at once without a group that both have', () => {
    const network = new Network()
    network.endpoint(server, { groups: [2] })
    const outcome = open(network, network.endpoint(client, { groups: [14] }), [server])
    network.wait(50)
    expect(outcome.error).toMatchObject({ code: 'RTMP_ERR_RTMFP_GROUPS' })
  })

  it('is one for two that ask for the same end', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    let count = 0
    responder.onSession = () => (count += 1)
    const initiator = network.endpoint(client)
    const outcomes = [open(network, initiator, [server]), open(network, initiator, [server])]
    network.wait(100)
    const third = open(network, initiator, [server])
    network.wait(3_000)
    expect(count).toBe(1)
    expect(outcomes[0]?.session).toBeDefined()
    expect(outcomes[1]?.session).toBe(outcomes[0]?.session)
    expect(third.session).toBe(outcomes[0]?.session)
  })

  it('comes about although 40 of 100 datagrams are lost', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const network = new Network(seed)
      const responder = network.endpoint(server)
      const accepted: OpenSession[] = []
      responder.onSession = session => accepted.push(session)
      const initiator = network.endpoint(client, { certificate: 'static' })
      network.passes = () => (network.randomBytes(1)[0] as number) < 154
      const outcome = open(network, initiator, [server])
      network.wait(90_000, () => outcome.session !== undefined)
      network.passes = () => true
      if (outcome.session === undefined) throw new Error(`seed ${seed}: none`)
      // What it has said at once may have been lost.
      outcome.session.openFlow({ metadata: Buffer.from('m'), priority: 4 }).write([Buffer.from('x')])
      network.wait(100)
      expect(exchange(network, outcome.session, accepted.at(-1) as OpenSession)).toHaveLength(2)
    }
  })
})

describe('the responder', () => {
  it('answers the same keying with the same answer, and opens no second session', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    let count = 0
    responder.onSession = () => (count += 1)
    network.passes = ({ datagram }) =>
      startupPacketOf(datagram)?.type !== ChunkType.ResponderInitialKeying || network.now > 500
    const outcome = open(network, network.endpoint(client), [server])
    network.wait(2_000)
    const answers = network.sent.filter(
      ({ datagram }) => startupPacketOf(datagram)?.type === ChunkType.ResponderInitialKeying,
    )
    expect(answers).toHaveLength(2)
    expect(answers[1]?.datagram).toEqual(answers[0]?.datagram)
    expect([count, outcome.session === undefined]).toEqual([1, false])
  })

  it('and none at all once the initiator has shown that it knows it', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    responder.onSession = () => {}
    const outcome = open(network, network.endpoint(client), [server])
    network.wait(30)
    const [keying] = network.sent.filter(
      ({ datagram }) => startupPacketOf(datagram)?.type === ChunkType.InitiatorInitialKeying,
    )
    outcome.session?.openFlow({ metadata: Buffer.from('m'), priority: 0 }).write([Buffer.from('x')])
    network.wait(500)
    network.sent.length = 0
    network.send(keying?.datagram as Buffer, client, server)
    network.wait(500)
    expect(types(network).slice(1)).not.toContain(ChunkType.ResponderInitialKeying)
    expect(responder.size).toBe(1)
  })

  it('gives whoever has moved another cookie, which is taken once', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    responder.onSession = () => {}
    const initiator = network.endpoint(client)
    const moved = { address: client.address, port: 40_001 }
    network.attach(moved, (datagram, from, now) => initiator.receive(datagram, from, now))
    const kept = network.send.bind(network)
    network.send = (datagram, from, to) => {
      const isKeying = startupPacketOf(datagram)?.type === ChunkType.InitiatorInitialKeying
      kept(datagram, isKeying ? moved : from, to)
    }
    const outcome = open(network, initiator, [server])
    network.wait(100)
    expect(types(network).slice(0, 6)).toEqual([0x30, 0x70, 0x38, 0x79, 0x38, 0x78])
    expect(outcome.session).toBeDefined()
  })

  it('ends the session of an end that begins again at the same address', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    const ends: string[] = []
    responder.onSession = session => {
      session.onEnd = why => ends.push(why)
    }
    const initiator = network.endpoint(client)
    open(network, initiator, [server])
    network.wait(50)
    // The client forgets all of it, and has the same keys.
    const cookies = network.sent.filter(
      ({ datagram }) => startupPacketOf(datagram)?.type === ChunkType.InitiatorInitialKeying,
    )
    const payload = startupPacketOf(cookies[0]?.datagram as Buffer)?.payload as Buffer
    const again = Buffer.from(payload)
    again.writeUInt32BE(77)
    const peer = new StartupPeer(network, client)
    peer.send(server, writer => writer.u8(ChunkType.InitiatorInitialKeying).u16(again.length).put(again))
    expect(ends).toEqual(['closed by us'])
    expect(responder.size).toBe(1)
    expect(peer.seen.map(({ type, sessionId }) => [type, sessionId])).toContainEqual([
      ChunkType.ResponderInitialKeying,
      77,
    ])
  })

  it('takes no other end at the address of an open session', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    responder.onSession = () => {}
    open(network, network.endpoint(client), [server])
    network.wait(50)
    const outcome = open(network, network.endpoint(client, {}), [server])
    network.wait(5_000)
    expect(outcome.session).toBeUndefined()
    expect(responder.size).toBe(1)
  })

  it('opens no more once it was stopped, and tells all ends once when it is destroyed', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    const ends: string[] = []
    responder.onSession = () => {}
    const outcome = open(network, network.endpoint(client), [server])
    network.wait(50)
    if (outcome.session !== undefined) outcome.session.onEnd = why => ends.push(why)
    responder.stop()
    const late = open(network, network.endpoint({ ...client, port: 40_002 }), [server])
    network.wait(5_000)
    expect([late.session, responder.size]).toEqual([undefined, 1])
    responder.destroy()
    network.wait(10)
    expect([ends, responder.size, responder.deadline]).toEqual([['closed by the far end'], 0, Number.POSITIVE_INFINITY])
    expect(open(network, responder, [client]).error).toMatchObject({ code: 'RTMP_ERR_RTMFP_CLOSED' })
  })
})

describe('the initiator', () => {
  it('keeps what comes before the answer', () => {
    const network = new Network()
    // As a server does that does not wait until its client has shown that it has the keys.
    network.endpoint(server, {
      onKeys({ keys, remote, farSessionId }) {
        const sealer = new PacketSealer(keys.sending)
        const writer = sealer.begin(200)
        writeHeader(writer, { mode: Mode.Responder })
        writeUserData(writer, dataOf({ data: Buffer.from('early') }))
        network.send(sealer.seal(farSessionId, writer), server, remote)
      },
    })
    const messages: string[] = []
    network.passes = ({ datagram, at }) =>
      startupPacketOf(datagram)?.type !== ChunkType.ResponderInitialKeying || at > 100
    const initiator = network.endpoint(client)
    let isOpen = false
    initiator.open({ url: 'rtmfp://h/', candidates: [server] }, 0, (_, session) => {
      isOpen = true
      if (session !== undefined)
        session.onFlow = flow => {
          flow.onMessage = message => messages.push(String(message))
          return true
        }
    })
    network.wait(3_000, () => isOpen)
    expect(messages).toEqual(['early'])
  })

  it('takes a packet that was forged for no session', () => {
    const network = new Network()
    const initiator = network.endpoint(client)
    const outcome = open(network, initiator, [server])
    const peer = new StartupPeer(network, server)
    network.wait(10)
    for (const packet of peer.seen)
      peer.send(client, writer => writeRedirect(writer, { tag: Buffer.alloc(packet.payload.length), destinations: [] }))
    expect(outcome.session).toBeUndefined()
  })

  it('goes where it is told to, and nowhere near or many', () => {
    const network = new Network()
    const initiator = network.endpoint(client)
    const responder = network.endpoint({ address: '203.0.113.5', port: 1_936 })
    responder.onSession = () => {}
    const redirector = new StartupPeer(network, server)
    const outcome = open(network, initiator, [server])
    network.wait(10)
    const tag = redirector.seen[0]?.payload.subarray(-16) as Buffer
    const destinations = [
      ['127.0.0.1', 1_935],
      ['224.0.0.1', 1_935],
      ['0.0.0.0', 1_935],
      ['::1', 1_935],
      ['fe80::1', 1_935],
      ['ff02::1', 1_935],
      ['203.0.113.9', 0],
      ['203.0.113.5', 1_936],
    ] as const
    redirector.send(client, writer =>
      writeRedirect(writer, {
        tag,
        destinations: destinations.map(([address, port]) => ({ address, port, origin: 0 })),
      }),
    )
    expect(outcome.session?.remote).toEqual({ address: '203.0.113.5', port: 1_936 })
    expect(new Set(network.sent.filter(({ from }) => from === client).map(({ to }) => to.address))).toEqual(
      new Set([server.address, '203.0.113.5']),
    )
  })

  it('has 24 candidates at most', () => {
    const network = new Network()
    const initiator = network.endpoint(client)
    const redirector = new StartupPeer(network, server)
    open(network, initiator, [server])
    network.wait(10)
    const tag = redirector.seen[0]?.payload.subarray(-16) as Buffer
    const destinations = Array.from({ length: 60 }, (_, index) => ({
      address: `203.0.113.${index}`,
      port: 9,
      origin: 0 as const,
    }))
    redirector.send(client, writer => writeRedirect(writer, { tag, destinations }))
    network.wait(5)
    expect(new Set(network.sent.filter(({ from }) => from === client).map(({ to }) => to.address)).size).toBe(24)
  })

  it('takes one change of the cookie, and no other’s', () => {
    const network = new Network()
    network.endpoint(server).onSession = () => {}
    network.passes = ({ datagram }) => startupPacketOf(datagram)?.type !== ChunkType.ResponderInitialKeying
    open(network, network.endpoint(client), [server])
    network.wait(30)
    const keyings = () =>
      network.sent
        .map(({ datagram }) => startupPacketOf(datagram))
        .filter(packet => packet?.type === ChunkType.InitiatorInitialKeying)
        .map(packet => readInitiatorKeying(new ByteReader(packet?.payload as Buffer)))
    const [first] = keyings()
    const peer = new StartupPeer(network, { address: '203.0.113.66', port: 1 })
    const change = (before: Buffer, fill: number): void =>
      peer.send(
        client,
        writer => writeCookieChange(writer, { before, after: Buffer.alloc(64, fill) }),
        first?.sessionId,
      )
    change(Buffer.alloc(64), 1)
    expect(keyings()).toHaveLength(1)
    change(first?.cookie as Buffer, 2)
    change(Buffer.alloc(64, 2), 3)
    network.wait(100)
    expect(keyings().map(({ cookie }) => cookie[0])).toEqual([first?.cookie[0], 2])
  })

  it('becomes an old one when nobody answers its keys: group 2 and nothing else', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    const accepted: OpenSession[] = []
    responder.onSession = session => accepted.push(session)
    // A server that takes only what Flash Player would send.
    const seen: Buffer[] = []
    network.passes = ({ datagram }) => {
      const packet = startupPacketOf(datagram)
      if (packet?.type !== ChunkType.InitiatorInitialKeying) return true
      const { certificate, keyingComponent } = readInitiatorKeying(new ByteReader(packet.payload))
      seen.push(Buffer.from(certificate))
      return parseKeying(keyingComponent).selectedGroup === 2
    }
    const initiator = network.endpoint(client, { certificate: 'static' })
    const before = initiator.id
    const outcome = open(network, initiator, [server])
    network.wait(30_000, () => outcome.session !== undefined)
    expect(outcome.at).toBe(7_500 + 30)
    expect(seen).toHaveLength(4)
    const old = seen.at(-1) as Buffer
    expect(old.subarray(0, 4).toString('hex')).toBe('81021d02')
    expect(old).toHaveLength(132)
    expect(initiator.id).not.toEqual(before)
    expect(accepted[0]?.farId).toEqual(initiator.id)
    expect(exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)).toHaveLength(2)
  })

  it('still takes the answer to what it had asked before that', () => {
    const network = new Network()
    const accepted: OpenSession[] = []
    network.endpoint(server).onSession = session => accepted.push(session)
    network.passes = ({ datagram, at }) =>
      startupPacketOf(datagram)?.type !== ChunkType.ResponderInitialKeying || at > 8_000
    const initiator = network.endpoint(client, { certificate: 'static' })
    const outcome = open(network, initiator, [server])
    network.wait(60_000, () => outcome.session !== undefined)
    expect(accepted).toHaveLength(1)
    expect(exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)).toHaveLength(2)
  })
})

describe('two that begin at once', () => {
  it('have one session', () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const network = new Network(seed)
      const left = network.endpoint(client, { certificate: 'static', groups: [14] })
      const right = network.endpoint(server, { certificate: 'static', groups: [14] })
      const others: OpenSession[] = []
      left.onSession = session => others.push(session)
      right.onSession = session => others.push(session)
      const outcomes = [
        open(network, left, [server], { peerId: right.id }),
        open(network, right, [client], { peerId: left.id }),
      ]
      network.wait(5_000)
      const [one, other] = outcomes.map(({ session }) => session)
      if (one === undefined || other === undefined) throw new Error('not both')
      expect([left.size, right.size, others.length]).toEqual([1, 1, 0])
      expect(one.isInitiator).toBe(!other.isInitiator)
      expect(exchange(network, one, other)).toHaveLength(2)
    }
  })
})
