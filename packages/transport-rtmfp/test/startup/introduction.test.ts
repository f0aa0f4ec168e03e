import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { discriminatorOfPeer } from '../../src/crypto/endpoint-discriminator.ts'
import type { RtmfpEndpoint } from '../../src/endpoint.ts'
import type { EndpointLimits } from '../../src/limits.ts'
import type { Session } from '../../src/session/session.ts'
import { AddressOrigin, type Endpoint } from '../../src/wire/address.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { writeFiller } from '../../src/wire/packet.ts'
import {
  readRedirect,
  readResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
} from '../../src/wire/startup-chunks.ts'
import { keyingOf } from '../support/attacker.ts'
import { exchange, Network, open } from '../support/network.ts'
import { StartupPeer } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const first = { address: '198.51.100.7', port: 40_000 }
const second = { address: '203.0.113.8', port: 50_000 }
const groups = [14] as const

/** A server with one client, which others may ask for. */
function served(limits: Partial<EndpointLimits> = {}): {
  network: Network
  introducer: RtmfpEndpoint
  target: RtmfpEndpoint
  accepted: OpenSession[]
} {
  const network = new Network()
  const introducer = network.endpoint(server, { limits })
  introducer.onSession = () => {}
  const target = network.endpoint(first, { certificate: 'static', groups })
  const accepted: OpenSession[] = []
  target.onSession = session => accepted.push(session)
  open(network, target, [server])
  network.wait(50)
  return { network, introducer, target, accepted }
}

/** Somebody who has a session with the server, and asks as a test wants it. */
function known(network: Network, address: Endpoint): StartupPeer {
  open(network, network.endpoint(address, { certificate: 'static', groups }), [server])
  network.wait(50)
  return new StartupPeer(network, address)
}

function ask(network: Network, peer: StartupPeer, peerId: Buffer, size = 16): void {
  peer.send(server, writer =>
    writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(peerId), tag: Buffer.alloc(size, 7) }),
  )
}

describe('an introduction', () => {
  it('brings two clients of a server together, through what lets nobody in that was not asked', () => {
    const { network, introducer, target, accepted } = served()
    const asked: unknown[] = []
    introducer.onIntroduce = (wanted, asking, from) => {
      asked.push([wanted.farId, asking.farId, from])
      return { reported: [{ address: '203.0.113.99', port: 1 }] }
    }
    const other = network.endpoint(second, { certificate: 'static', groups })
    // Each one's router lets in only what comes from where its client has sent to.
    const holes = new Set<string>()
    network.passes = ({ from, to }) => {
      holes.add(`${from.port} ${to.port}`)
      return to.port === server.port || from.port === server.port || holes.has(`${to.port} ${from.port}`)
    }
    open(network, other, [server])
    network.wait(50)
    const outcome = open(network, other, [server], { peerId: target.id })
    network.wait(5_000, () => outcome.session !== undefined)
    expect(asked).toEqual([[target.id, other.id, second]])
    expect(outcome.session).toMatchObject({ remote: first, farId: target.id, nearId: other.id })
    expect(accepted[0]).toMatchObject({ remote: second, farId: other.id })
    expect(exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)).toHaveLength(2)
  })

  it('is made by nobody who was not told to', () => {
    const { network, target } = served()
    const other = network.endpoint(second)
    open(network, other, [server])
    network.wait(50)
    network.sent.length = 0
    const outcome = open(network, other, [server], { peerId: target.id })
    network.wait(10_000)
    expect(outcome.session).toBeUndefined()
    expect(network.sent.every(({ from, to }) => from === server || to === server)).toBe(true)
  })

  it('of somebody unknown is not even asked for', () => {
    const { network, introducer } = served()
    introducer.onIntroduce = () => {
      throw new Error('asked')
    }
    const peer = known(network, second)
    ask(network, peer, Buffer.alloc(32, 9))
    expect(peer.seen).toEqual([])
  })

  it('tells what may be told, in no more than twice the bytes of the question', () => {
    const { network, introducer, target } = served()
    const reported = [
      '127.0.0.1',
      '169.254.1.1',
      '224.0.0.1',
      'fe80::1',
      '203.0.113.77',
      '2001:db8::1',
      ...Array.from({ length: 40 }, (_, index) => `fd00::${index + 1}`),
    ].map(address => ({ address, port: 5_000 }))
    introducer.onIntroduce = () => ({ reported })
    const peer = known(network, second)
    ask(network, peer, target.id, 16)
    const [seen] = peer.seen
    expect(seen?.type).toBe(ChunkType.Redirect)
    expect(seen?.datagram.length).toBeLessThanOrEqual(2 * 84)
    const { destinations, tag } = readRedirect(new ByteReader(seen?.payload as Buffer))
    expect(tag).toEqual(Buffer.alloc(16, 7))
    expect(destinations[0]).toEqual({ ...first, origin: AddressOrigin.Observed })
    expect(destinations[1]).toEqual({ address: 'fd00::1', port: 5_000, origin: AddressOrigin.Reported })
    ask(network, peer, target.id, 900)
    const longer = peer.seen.findLast(({ type }) => type === ChunkType.Redirect)
    // Of the first 16 that were reported, four are of no use to anybody, and two may be of anybody.
    expect(readRedirect(new ByteReader(longer?.payload as Buffer)).destinations).toHaveLength(1 + 10)
  })

  describe('is looked up', () => {
    function asked(limits = {}) {
      const all = served(limits)
      const counts = new Map<string, number>()
      all.introducer.onIntroduce = (_wanted, _asking, { address, port }) => {
        counts.set(`${address} ${port}`, (counts.get(`${address} ${port}`) ?? 0) + 1)
        return undefined
      }
      all.network.wait(1_000)
      return { ...all, counts }
    }

    function helloFor({ network }: { network: Network }, peerId: Buffer): Buffer {
      return new StartupPeer(network, { address: '192.0.2.250', port: 1 }).datagram(writer =>
        writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(peerId), tag: Buffer.alloc(16) }),
      )
    }

    it('ten times a second for one who has a session', () => {
      const all = asked()
      const { network, target, counts } = all
      const peer = known(network, second)
      network.wait(1_000)
      const hello = helloFor(all, target.id)
      for (let index = 0; index < 50; index += 1) network.send(hello, second, server)
      network.wait(500)
      expect([...counts.values()]).toEqual([10])
      network.wait(1_000)
      ask(network, peer, target.id)
      expect([...counts.values()]).toEqual([11])
    })

    it('for a hundred clients of one network that ask at once', () => {
      const all = asked()
      const { network, target, counts } = all
      const hello = helloFor(all, target.id)
      const viewers = Array.from({ length: 100 }, (_, index) => ({ ...second, port: 50_000 + index }))
      for (const viewer of viewers) known(network, viewer)
      network.wait(1_000)
      for (const viewer of viewers) network.send(hello, viewer, server)
      network.wait(50)
      expect(counts.size).toBe(100)
    })

    it('so often a second for one network', () => {
      const all = asked({ introductionsPerSource: 15 })
      const { network, target, counts } = all
      const viewers = Array.from({ length: 3 }, (_, index) => ({ ...second, port: 50_000 + index }))
      for (const viewer of viewers) known(network, viewer)
      network.wait(1_000)
      const hello = helloFor(all, target.id)
      for (const viewer of viewers) for (let index = 0; index < 10; index += 1) network.send(hello, viewer, server)
      network.wait(50)
      expect([...counts.values()]).toEqual([10, 5])
    })

    it('whatever strangers of the same network ask', () => {
      const all = asked()
      const { network, target, counts } = all
      const peer = known(network, second)
      network.wait(1_000)
      const stranger = { address: '203.0.113.9', port: 7 }
      const [nobody, somebody] = [helloFor(all, Buffer.alloc(32, 9)), helloFor(all, target.id)]
      for (let index = 0; index < 5_000; index += 1) all.introducer.receive(nobody, stranger, network.now)
      for (let index = 0; index < 5_000; index += 1) all.introducer.receive(somebody, stranger, network.now)
      expect(counts.size).toBe(0)
      ask(network, peer, target.id)
      expect(counts.size).toBe(1)
    })
  })
})

describe('a question that is passed on', () => {
  const sink = { address: '203.0.113.200', port: 9 }

  /** A client, its server, and whoever may ask it by way of another one. */
  function passing(size = 16) {
    const network = new Network()
    const introducer = network.endpoint(server)
    const accepted: OpenSession[] = []
    introducer.onSession = session => accepted.push(session)
    const target = network.endpoint(first, { certificate: 'static', groups })
    const outcome = open(network, target, [server])
    network.wait(50)
    const pass = (session: OpenSession | undefined, reply: Endpoint = sink) => {
      network.sent.length = 0
      ;(session as Session).forward({
        endpointDiscriminator: discriminatorOfPeer(target.id),
        tag: Buffer.alloc(size),
        reply: { ...reply, origin: AddressOrigin.Observed },
      })
      network.wait(50)
      return network.sent.filter(({ to }) => to.address === reply.address && to.port === reply.port).length
    }
    return { network, introducer, target, accepted, outcome, pass }
  }

  it('is answered three times at a place that does not answer, sixteen times at an address, and again after 30 s', () => {
    const { network, accepted, pass } = passing()
    const times = (count: number, port: (index: number) => number): number => {
      let sum = 0
      for (let index = 0; index < count; index += 1) {
        sum += pass(accepted[0], { ...sink, port: port(index) })
        network.wait(200)
      }
      return sum
    }
    expect(times(10, () => 9)).toBe(3)
    expect(times(30, index => 10 + index)).toBe(13)
    network.wait(30_000)
    expect(times(4, () => 9)).toBe(3)
  })

  it('is answered again where somebody has answered', () => {
    const { network, target, accepted, pass } = passing()
    const asking = known(network, second)
    for (let round = 0; round < 3; round += 1) {
      expect([pass(accepted[0], second), pass(accepted[0], second)]).toEqual([1, 1])
      const hello = asking.seen.findLast(({ type }) => type === ChunkType.ResponderHello)
      const { cookie } = readResponderHello(new ByteReader(hello?.payload as Buffer))
      asking.send(first, writer => writeInitiatorKeying(writer, keyingOf({ cookie: Buffer.from(cookie) })))
      network.wait(200)
    }
    expect(target.size).toBe(2)
  })

  it('is taken from the server alone, not from a peer', () => {
    const { network, target, introducer, accepted, pass } = passing()
    const sessions: OpenSession[] = []
    introducer.onIntroduce = () => ({ reported: [] })
    const peer = network.endpoint(second, { certificate: 'static', groups })
    peer.onSession = session => sessions.push(session)
    open(network, peer, [server])
    network.wait(50)
    const playing = open(network, target, [server], { peerId: peer.id })
    network.wait(1_000)
    expect([playing.session?.isInitiator, sessions.length]).toEqual([true, 1])
    expect(pass(sessions[0])).toBe(0)
    expect(pass(accepted[0])).toBe(1)
  })

  it.each([
    ['an inner address, from far away', { address: '192.168.1.1', port: 9 }, 16],
    ['an inner address of IPv6', { address: 'fd00::1', port: 9 }, 16],
    ['this machine', { address: '127.0.0.1', port: 9 }, 16],
    ['the port 0', { ...sink, port: 0 }, 16],
    ['a tag of 65 bytes', sink, 65],
  ])('is not answered at %s', (_name, reply, size) => {
    const { accepted, pass } = passing(size)
    expect(pass(accepted[0], reply)).toBe(0)
  })

  it('is not answered, nor is any other, while nobody listens', () => {
    const { network, target, accepted, pass } = passing()
    target.answers = false
    expect(pass(accepted[0])).toBe(0)
    const peer = new StartupPeer(network, second)
    const hello = () =>
      peer.send(first, writer => {
        writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfPeer(target.id), tag: Buffer.alloc(16) })
        writeFiller(writer, 300)
      })
    hello()
    expect(peer.seen).toEqual([])
    target.answers = true
    hello()
    const { cookie } = readResponderHello(new ByteReader(peer.seen[0]?.payload as Buffer))
    const keying = keyingOf({ cookie: Buffer.from(cookie) })
    target.answers = false
    peer.send(first, writer => writeInitiatorKeying(writer, keying))
    expect([peer.seen.length, target.size]).toEqual([1, 1])
    target.answers = true
    peer.send(first, writer => writeInitiatorKeying(writer, keying))
    expect([peer.seen.length, target.size]).toEqual([2, 2])
  })
})

describe('a decision that takes its time', () => {
  /** Lets promises settle: the clock of the network knows none. */
  const settled = () => new Promise(setImmediate)

  function deciding(limits = {}) {
    const network = new Network()
    const introducer = network.endpoint(server, { limits })
    introducer.onSession = () => {}
    const target = network.endpoint(first, { certificate: 'static', groups })
    open(network, target, [server])
    network.wait(50)
    const decisions: ((introduction?: { reported: [] }) => void)[] = []
    const failures: (() => void)[] = []
    introducer.onIntroduce = () =>
      new Promise((resolve, reject) => {
        decisions.push(resolve)
        failures.push(() => reject(new Error('broken')))
      })
    return { network, target, introducer, decisions, failures }
  }

  it('is asked for once, however often the question comes, and answered when it is made', async () => {
    const { network, target, decisions } = deciding()
    const peer = known(network, second)
    ask(network, peer, target.id)
    ask(network, peer, target.id)
    expect(decisions).toHaveLength(1)
    expect(peer.seen).toEqual([])
    decisions[0]?.({ reported: [] })
    await settled()
    network.wait(50)
    expect(peer.seen.map(({ type }) => type)).toContain(ChunkType.Redirect)
  })

  it.each([
    ['a refusal', ({ decisions }: ReturnType<typeof deciding>) => decisions[0]?.()],
    ['a failure', ({ failures }: ReturnType<typeof deciding>) => failures[0]?.()],
  ])('leaves nothing behind after %s', async (_name, decide) => {
    const deciding_ = deciding()
    const { network, target, decisions } = deciding_
    const peer = known(network, second)
    ask(network, peer, target.id)
    decide(deciding_)
    await settled()
    expect(peer.seen).toEqual([])
    ask(network, peer, target.id)
    expect(decisions).toHaveLength(2)
  })

  it('is waited for by so many at a time, and for so long', async () => {
    const { network, target, decisions } = deciding({ maxIntroductions: 2 })
    const peers = [60_001, 60_002, 60_003].map(port => known(network, { ...second, port }))
    for (const peer of peers) ask(network, peer, target.id)
    expect(decisions).toHaveLength(2)
    network.wait(16_000)
    const late = peers[2] as StartupPeer
    ask(network, late, target.id)
    expect(decisions).toHaveLength(3)
    for (const decide of decisions) decide({ reported: [] })
    await settled()
    network.wait(50)
    const redirects = peers.map(({ seen }) => seen.filter(({ type }) => type === ChunkType.Redirect).length)
    expect(redirects).toEqual([0, 0, 1])
  })

  it('is no use when the wanted one has left meanwhile', async () => {
    const { network, target, decisions } = deciding()
    const peer = known(network, second)
    ask(network, peer, target.id)
    target.destroy()
    network.wait(50)
    decisions[0]?.({ reported: [] })
    await settled()
    network.wait(50)
    expect(peer.seen).toEqual([])
  })
})
