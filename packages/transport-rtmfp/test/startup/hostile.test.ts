import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { staticCertificate } from '../../src/crypto/certificate.ts'
import { makeKeyPair } from '../../src/crypto/diffie-hellman.ts'
import { discriminatorOfUrl } from '../../src/crypto/endpoint-discriminator.ts'
import { staticInitiatorKeying } from '../../src/crypto/keying.ts'
import { PacketSealer } from '../../src/crypto/packet-cipher.ts'
import type { OpenedKeys } from '../../src/endpoint.ts'
import type { EndpointLimits } from '../../src/limits.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { Mode, writeHeader } from '../../src/wire/packet.ts'
import { encodeOption } from '../../src/wire/options.ts'
import {
  type InitiatorInitialKeying,
  readResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../../src/wire/startup-chunks.ts'
import { Network, open, prove } from '../support/network.ts'
import { StartupPeer, startupPacketOf } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const client = { address: '198.51.100.7', port: 40_000 }
const protection = {
  hmac: { sends: true, sendsOnRequest: true, requests: true },
  hmacLength: 10,
  sequence: { sends: true, sendsOnRequest: true, requests: true },
}
const pair = makeKeyPair(14)
const certificate = staticCertificate([pair]).bytes
const keyingComponent = staticInitiatorKeying(14, protection)
const discriminator = discriminatorOfUrl('rtmfp://server.example/live')

interface Scene {
  readonly network: Network
  readonly responder: ReturnType<Network['endpoint']>
  readonly peer: StartupPeer
  /** Sessions that somebody has opened, proven or not. */
  readonly opened: OpenedKeys[]
  /** Those that are proven. */
  readonly accepted: OpenSession[]
}

function scene(limits: Partial<EndpointLimits> = {}): Scene {
  const network = new Network()
  const opened: OpenedKeys[] = []
  const responder = network.endpoint(server, { limits, onKeys: keys => opened.push(keys) })
  const accepted: OpenSession[] = []
  responder.onSession = session => accepted.push(session)
  return { network, responder, opened, accepted, peer: new StartupPeer(network, client) }
}

function cookieFor({ network, peer }: Scene, address: Endpoint = client): Buffer {
  const asking = address === client ? peer : new StartupPeer(network, address)
  asking.send(server, writer =>
    writeInitiatorHello(writer, { endpointDiscriminator: discriminator, tag: Buffer.alloc(16) }),
  )
  return readResponderHello(new ByteReader(asking.seen.at(-1)?.payload as Buffer)).cookie
}

function keyingOf(cookie: Buffer, changes: Partial<InitiatorInitialKeying> = {}): InitiatorInitialKeying {
  return { sessionId: 5, cookie, certificate, keyingComponent, signature: Buffer.from('X'), ...changes }
}

describe('nothing comes of', () => {
  const groupSelect = (group: number): Buffer => encodeOption(0x1d, Buffer.of(group))
  const randomness = encodeOption(0x0e, Buffer.alloc(64))
  it.each<[string, Partial<InitiatorInitialKeying>]>([
    ['the id 0', { sessionId: 0 }],
    ['no certificate', { certificate: Buffer.alloc(0) }],
    ['half a certificate', { certificate: certificate.subarray(0, 100) }],
    ['no component', { keyingComponent: Buffer.alloc(0) }],
    ['half a component', { keyingComponent: keyingComponent.subarray(0, 30) }],
    ['a component without randomness', { keyingComponent: groupSelect(14) }],
    ['little randomness', { keyingComponent: Buffer.concat([groupSelect(14), encodeOption(0x0e, Buffer.alloc(15))]) }],
    ['a group that nobody has', { keyingComponent: Buffer.concat([groupSelect(99), randomness]) }],
    ['a group that we have not', { keyingComponent: Buffer.concat([groupSelect(16), randomness]) }],
    ['a group that it has no key in', { keyingComponent: Buffer.concat([groupSelect(2), randomness]) }],
    ['two groups', { keyingComponent: Buffer.concat([groupSelect(14), groupSelect(14), randomness]) }],
    [
      'a key of 1',
      { certificate: encodeOption(0x1d, Buffer.concat([Buffer.of(14), Buffer.alloc(255), Buffer.of(1)])) },
    ],
    ['a key of nothing', { certificate: encodeOption(0x1d, Buffer.of(14)) }],
    ['a cookie of another length', { cookie: Buffer.alloc(65) }],
    ['no cookie', { cookie: Buffer.alloc(0) }],
    ['a cookie of zeros', { cookie: Buffer.alloc(64) }],
    ['a cookie of no time', { cookie: Buffer.alloc(64, 0xff) }],
  ])('%s', (_, changes) => {
    const all = scene()
    const keying = keyingOf(cookieFor(all), changes)
    all.peer.seen = []
    all.peer.send(server, writer => writeInitiatorKeying(writer, keying))
    expect([all.peer.seen, all.opened.length, all.responder.size]).toEqual([[], 0, 0])
    // The same without the fault opens a session.
    const faultless = keyingOf(cookieFor(all))
    all.peer.send(server, writer => writeInitiatorKeying(writer, faultless))
    expect(all.opened).toHaveLength(1)
  })

  it('a cookie with any bit changed', () => {
    const all = scene()
    const cookie = cookieFor(all)
    for (let at = 0; at < cookie.length; at += 1) {
      const forged = Buffer.from(cookie)
      forged[at] = (forged[at] as number) ^ 0x10
      all.peer.send(server, writer => writeInitiatorKeying(writer, keyingOf(forged)))
    }
    expect(all.opened).toHaveLength(0)
    expect(all.peer.seen.filter(({ type }) => type === ChunkType.ResponderInitialKeying)).toEqual([])
  })

  it('a cookie that is older than two minutes', () => {
    const all = scene()
    const cookie = cookieFor(all)
    all.network.wait(119_800)
    expect(all.network.now).toBeLessThan(120_000)
    const other = cookieFor(all)
    all.network.wait(200)
    all.peer.send(server, writer => writeInitiatorKeying(writer, keyingOf(cookie)))
    expect(all.opened).toHaveLength(0)
    // One that was given out before the secret was replaced stays good.
    all.network.wait(100_000)
    all.peer.send(server, writer => writeInitiatorKeying(writer, keyingOf(other)))
    expect(all.opened).toHaveLength(1)
  })

  it('a cookie at another address but another cookie, which is no longer than the question', () => {
    const all = scene()
    const cookie = cookieFor(all)
    const thief = new StartupPeer(all.network, { address: '203.0.113.66', port: 9 })
    thief.send(server, writer => writeInitiatorKeying(writer, keyingOf(cookie)))
    expect(thief.seen.map(({ type, sessionId }) => [type, sessionId])).toEqual([[ChunkType.CookieChange, 5]])
    const asked = all.network.sent.find(({ from }) => from === thief.address)
    expect(thief.seen[0]?.datagram.length).toBeLessThan(asked?.datagram.length ?? 0)
    expect(all.opened).toHaveLength(0)
  })

  it('session chunks under the key that everybody has, and start-up chunks under those of a session', () => {
    const all = scene()
    const keying = keyingOf(cookieFor(all))
    all.peer.send(server, writer => writeInitiatorKeying(writer, keying))
    const answer = all.peer.seen.find(({ type }) => type === ChunkType.ResponderInitialKeying)
    const ends: string[] = []
    prove(all.network, all.opened[0] as OpenedKeys, server)
    const session = all.accepted[0] as OpenSession
    session.onEnd = why => ends.push(why)
    all.peer.send(server, writer => writer.u8(ChunkType.SessionCloseRequest).u16(0), answer?.payload.readUInt32BE(0))
    all.peer.send(server, writer => writer.u8(ChunkType.SessionCloseRequest).u16(0))
    expect([ends, all.responder.size]).toEqual([[], 1])
  })
})

describe('datagrams that are cut off, or are none', () => {
  it('at every byte, and with every byte changed: nobody throws, and no session comes of them', () => {
    const network = new Network()
    const responder = network.endpoint(server)
    responder.onSession = () => {}
    const initiator = network.endpoint(client, { certificate: 'static' })
    open(network, initiator, [server])
    network.wait(100)
    for (const { datagram, from, to } of network.sent.splice(0))
      for (let at = 0; at <= datagram.length; at += 1) {
        const target = to === server ? responder : initiator
        if (at < datagram.length) target.receive(datagram.subarray(0, at), from, network.now)
        const changed = Buffer.from(datagram)
        changed[at % datagram.length] = (changed[at % datagram.length] as number) ^ 0x40
        target.receive(changed, from, network.now)
      }
    network.wait(100)
    expect([initiator.size, responder.size]).toEqual([1, 1])
  })

  it('chunks cut off inside a packet that is whole', () => {
    const all = scene({ hellosPerSource: 1e6, hellos: 1e6 })
    const cookie = cookieFor(all)
    const whole = [
      startupPacketOf(
        all.peer.datagram(writer =>
          writeInitiatorHello(writer, { endpointDiscriminator: discriminator, tag: Buffer.alloc(16) }),
        ),
      ),
      startupPacketOf(all.peer.datagram(writer => writeInitiatorKeying(writer, keyingOf(cookie)))),
    ]
    for (const packet of whole)
      for (let at = 0; at < (packet?.payload.length ?? 0) - 40; at += 1) {
        const type = packet?.type as number
        const payload = packet?.payload.subarray(0, at) as Buffer
        all.responder.receive(
          all.peer.datagram(writer => writer.u8(type).u16(payload.length).put(payload)),
          client,
          all.network.now,
        )
      }
    expect(all.opened).toHaveLength(0)
  })

  it('bytes that mean nothing', () => {
    const all = scene()
    for (let length = 0; length < 400; length += 1)
      all.responder.receive(all.network.randomBytes(length), client, all.network.now)
    expect([all.responder.size, all.network.sent.length]).toEqual([0, 0])
  })
})

describe('floods', () => {
  it('10,000 questions of forged addresses: a limited number of answers, nothing kept, and no more than three times the bytes', () => {
    const all = scene()
    const hello = all.peer.datagram(writer =>
      writeInitiatorHello(writer, { endpointDiscriminator: discriminator, tag: Buffer.alloc(16) }),
    )
    for (let index = 0; index < 10_000; index += 1)
      all.responder.receive(hello, { address: `10.${index >> 8}.${index & 255}.1`, port: 1_000 }, all.network.now)
    const answers = all.network.sent
    expect(answers).toHaveLength(2_000)
    for (const { datagram } of answers) expect(datagram.length).toBeLessThanOrEqual(3 * hello.length)
    expect([all.responder.size, all.responder.deadline]).toEqual([0, Number.POSITIVE_INFINITY])
  })

  it('200 questions a second of one network, whatever the ports', () => {
    const all = scene()
    const hello = all.peer.datagram(writer =>
      writeInitiatorHello(writer, { endpointDiscriminator: discriminator, tag: Buffer.alloc(16) }),
    )
    const ask = (address: string): number => {
      const before = all.network.sent.length
      for (let index = 0; index < 300; index += 1)
        all.responder.receive(hello, { address, port: 1_000 + index }, all.network.now)
      return all.network.sent.length - before
    }
    expect([ask('203.0.113.1'), ask('203.0.113.2'), ask('203.0.114.1')]).toEqual([200, 0, 200])
    expect([ask('2001:db8:0:100::1'), ask('2001:db8:0:1ff::1'), ask('2001:db8:0:200::1')]).toEqual([200, 0, 200])
    all.network.wait(1_000)
    expect(ask('203.0.113.1')).toBe(200)
  })

  it.each([1, 4, 6, 12, 30, 200])('an answer is at most three times its question: names of %i letters', length => {
    const all = scene()
    const hello = all.peer.datagram(writer =>
      writeInitiatorHello(writer, {
        endpointDiscriminator: discriminatorOfUrl('a'.repeat(length)),
        tag: Buffer.alloc(16),
      }),
    )
    all.responder.receive(hello, client, all.network.now)
    const [answer] = all.network.sent
    expect(answer?.datagram.length).toBeLessThanOrEqual(3 * hello.length)
    const { certificate, cookie } = readResponderHello(
      new ByteReader(startupPacketOf(answer?.datagram as Buffer)?.payload as Buffer),
    )
    expect([certificate.length, cookie.length]).toEqual([length < 5 ? 5 : 29, 64])
  })

  it('questions too short for any answer have none', () => {
    const all = scene()
    const hello = all.peer.datagram(writer =>
      writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfUrl(''), tag: Buffer.alloc(2) }),
    )
    all.responder.receive(hello, client, all.network.now)
    expect(all.network.sent).toEqual([])
  })

  it('many questions in one packet have one answer', () => {
    const all = scene()
    const hello = { endpointDiscriminator: discriminator, tag: Buffer.alloc(16) }
    all.peer.send(server, writer => {
      for (let index = 0; index < 100; index += 1) writeInitiatorHello(writer, hello)
    })
    expect(all.peer.seen).toHaveLength(1)
    const { cookie } = readResponderHello(new ByteReader(all.peer.seen[0]?.payload as Buffer))
    all.peer.send(server, writer => {
      for (let index = 1; index <= 10; index += 1) writeInitiatorKeying(writer, keyingOf(cookie, { sessionId: index }))
    })
    expect(all.opened).toHaveLength(1)
  })

  it('1,000 keyings of one address with one cookie are one session', () => {
    const all = scene()
    const cookie = cookieFor(all)
    for (let index = 1; index <= 1_000; index += 1) {
      const other = staticInitiatorKeying(14, protection)
      const keying = keyingOf(cookie, { sessionId: index, keyingComponent: other })
      all.responder.receive(
        all.peer.datagram(writer => writeInitiatorKeying(writer, keying)),
        client,
        all.network.now,
      )
    }
    expect(all.responder.size).toBe(1)
    // Those beyond the limit cost no key agreement.
    expect(all.opened).toHaveLength(200)
  })

  it('sessions of one address, and of all, have a limit each', () => {
    const all = scene({ maxSessionsPerAddress: 3, maxSessions: 5 })
    const connect = (address: string, port: number): void => {
      const peer = { address, port }
      const cookie = cookieFor(all, peer)
      all.network.send(
        all.peer.datagram(writer => writeInitiatorKeying(writer, keyingOf(cookie))),
        peer,
        server,
      )
      all.network.wait(50)
    }
    for (let port = 1; port <= 5; port += 1) connect('203.0.113.1', port)
    expect(all.responder.size).toBe(3)
    for (let port = 1; port <= 5; port += 1) connect('203.0.113.2', port)
    expect(all.responder.size).toBe(5)
    prove(all.network, all.opened[0] as OpenedKeys, server)
    all.accepted[0]?.destroy()
    connect('203.0.113.1', 9)
    expect(all.responder.size).toBe(5)
    // Where nobody shows that it has the keys, it ends, and makes room.
    all.network.wait(10_000)
    expect([all.responder.size, all.responder.deadline]).toEqual([0, Number.POSITIVE_INFINITY])
  })
})

describe('a session whose far end has not shown that it has the keys', () => {
  function opened(): Scene {
    const all = scene()
    const keying = keyingOf(cookieFor(all))
    all.peer.send(server, writer => writeInitiatorKeying(writer, keying))
    return all
  }

  it('is told to nobody, counts, and ends after ten seconds', () => {
    const all = opened()
    all.network.wait(9_800)
    expect([all.responder.size, all.accepted.length]).toEqual([1, 0])
    all.network.wait(200)
    expect([all.responder.size, all.accepted.length, all.responder.deadline]).toEqual([0, 0, Number.POSITIVE_INFINITY])
  })

  it('stays from the first packet on that its keys open', () => {
    const all = opened()
    prove(all.network, all.opened[0] as OpenedKeys, server)
    expect(all.accepted).toHaveLength(1)
    all.network.wait(20_000)
    expect(all.responder.size).toBe(1)
  })

  it('ends after 64 packets that are guesses', () => {
    const all = opened()
    const { keys, sessionId } = all.opened[0] as OpenedKeys
    const sealer = new PacketSealer(keys.receiving)
    const guess = () => {
      const writer = sealer.begin(100)
      writeHeader(writer, { mode: Mode.Initiator })
      const datagram = Buffer.from(sealer.seal(sessionId, writer))
      // Of its authentication.
      datagram[datagram.length - 1] = (datagram.at(-1) as number) ^ 1
      all.responder.receive(datagram, client, all.network.now)
    }
    for (let count = 0; count < 63; count += 1) guess()
    expect(all.responder.size).toBe(1)
    guess()
    expect(all.responder.size).toBe(0)
  })

  it('ends when no more are opened', () => {
    const all = opened()
    all.responder.stop()
    expect(all.responder.size).toBe(0)
  })
})
